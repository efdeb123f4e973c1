using Emulator.Host.Simulate;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Schemes;

/// <summary>Where the figures of an evaluation go: a directory, which is made if there is none.</summary>
internal sealed class PlotFiles
{
    private const string Option = "--plots";

    private readonly string _directory;
    private readonly bool _force;

    private PlotFiles(string directory, bool force) => (_directory, _force) = (directory, force);

    /// <returns>Null if nobody wants figures.</returns>
    /// <exception cref="UserErrorException">They could not be drawn or written.</exception>
    public static PlotFiles? Of(SchemesOptions options)
    {
        if (options.PlotDirectory is not { } directory)
            return null;
        if (!options.IsComplete)
            throw new UserErrorException($"{Option}: the figures are of all benchmarks, schemes and directions");
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{Option}: {e.Message}");
        }

        var files = new PlotFiles(directory, options.Force);
        foreach (string name in SchemeFigures.Names)
            files.FileOf(name).Check();
        return files;
    }

    public void Write(IEnumerable<(string Name, string Svg)> figures)
    {
        foreach ((string name, string svg) in figures)
            FileOf(name).Write(svg);
    }

    private OutputFile FileOf(string name) => new(Option, Path.Combine(_directory, name + ".svg"), _force);
}
