using System.Runtime.InteropServices;
using System.Text.Json;
using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Simulation.Schemes;
using Spectre.Console;

namespace Emulator.Host.Schemes;

/// <summary>Evaluates the schemes, prints the tables, and writes every cell to a file if there is to be one.</summary>
internal sealed class SchemesProcess(SchemesOptions options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private volatile bool _interrupted;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something in the options is wrong; the message says what.</exception>
    public int Run()
    {
        OutputFile? json = options.JsonFile == null ? null : new OutputFile("--json", options.JsonFile, options.Force);
        json?.Check();
        var plots = PlotFiles.Of(options);
        SchemeEvaluationOptions evaluated = Evaluated();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        try
        {
            var evaluation = new SchemeEvaluation(evaluated, EndIfInterrupted);
            IReadOnlyList<SchemeCell> cells = evaluation.Run();
            SchemesTable.Print(AnsiConsole.Console, options, evaluated, evaluation, cells);
            json?.Write(JsonSerializer.Serialize(SchemeDocument.Of(options, evaluated, evaluation, cells), Json) + "\n");
            plots?.Write(new SchemeFigures(cells, options.Scale).Draw());
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("emulator: interrupted");
            return ExitCode.Interrupted;
        }
    }

    private SchemeEvaluationOptions Evaluated()
    {
        InRange("--scale", options.Scale, 1, 1024);
        InRange("--used", options.UsedPercent, 1, 100);
        InRange("--copy-depth", options.CopyDepth, 1, 128);
        InRange("--threshold", options.Threshold, 0, 400);
        InRange("--limit", options.Limit, 2, 10_000);
        InRange("--delay", options.DelayMicroseconds, 1, 1_000_000);
        var all = new SchemeEvaluationOptions { Ssd = DriveOf("--ssd", options.Ssd), Hdd = DriveOf("--hdd", options.Hdd) };
        return all with
        {
            Benchmarks = options.Benchmarks,
            Schemes = options.Schemes ?? all.Schemes,
            Directions = options.Directions ?? all.Directions,
            Scale = options.Scale,
            UsedPercent = options.UsedPercent,
            MostCopyTimes = options.Limit,
            Scheme = all.Scheme with
            {
                CopyDepth = options.CopyDepth,
                PendingThreshold = options.Threshold,
                PendingDelay = SimDuration.FromMicroseconds(options.DelayMicroseconds),
            },
            Seed = options.Seed,
        };
    }

    private static void InRange(string option, int value, int least, int most)
    {
        if (value < least || value > most)
            throw new UserErrorException($"{option}: {value} must be {least} to {most}");
    }

    /// <summary>
    /// The cache shrinks with the image, as far as the drive works with it: otherwise it would hold most of a small image
    /// where it holds next to nothing of a large one.
    /// </summary>
    private DriveOptions DriveOf(string option, string profile)
    {
        if (profile == DriveProfiles.Default)
            throw new UserErrorException($"{option}: a drive without a profile takes no time");
        DriveOptions drive = DriveProfiles.Apply(profile, new DriveSettings { Size = new ByteSize(1L << 30) }, option);
        long whole = drive.Cache.SizeBytes;
        for (long cache = Math.Max(CacheOptions.LeastBytes, whole / options.Scale); cache < whole; cache *= 2)
        {
            DriveOptions scaled = drive with { Cache = drive.Cache with { SizeBytes = cache } };
            if (DriveOptionsValidation.Problem(scaled) == null)
                return scaled;
        }

        return drive;
    }

    private void EndIfInterrupted()
    {
        if (_interrupted)
            throw new OperationCanceledException();
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted = true;
    }
}
