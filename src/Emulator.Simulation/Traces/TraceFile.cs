using System.IO.Compression;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Traces;

/// <summary>
/// A block trace in a file, as text or compressed with gzip. The whole of it, as far as it will be run, is checked before
/// anything runs.
/// </summary>
public sealed class TraceFile
{
    /// <summary>Lines that are looked at to find out the format.</summary>
    private const int LinesForDetection = 1000;

    private readonly string _path;
    private readonly TraceFormat _format;

    private TraceFile(string path, TraceFormat format)
    {
        _path = path;
        _format = format;
    }

    /// <summary>Names of the formats.</summary>
    public static IReadOnlyList<string> FormatNames { get; } = [.. TraceFormat.All.Select(format => format.Name)];

    public string FormatName => _format.Name;

    /// <param name="format">One of <see cref="FormatNames"/>; null to find out.</param>
    /// <exception cref="WorkloadException">No format fits the file.</exception>
    public static TraceFile Open(string path, string? format) =>
        new(path, format == null ? Detect(path) : TraceFormat.All.First(known => known.Name == format));

    /// <summary>A workload that submits what the trace recorded at the times at which it was.</summary>
    /// <param name="wrap">Whether addresses beyond the drive wrap around rather than being an error.</param>
    /// <param name="depth">Commands that may be outstanding; a request that finds no room waits.</param>
    /// <param name="limit">Requests that are read at most.</param>
    /// <exception cref="WorkloadException">A line is wrong; the message names it.</exception>
    public Workload On(WorkloadTarget target, bool wrap, int depth, long limit)
    {
        long count = 0;
        using (var check = new TraceSource(Reader, _format, _path, target, wrap))
        {
            while (count < limit && check.TryNext(out _))
                count++;
        }

        if (count == 0)
            throw new WorkloadException($"{_path}: has no request in format {_format.Name}");
        return new Workload
        {
            Name = Path.GetFileName(_path),
            Jobs =
            [
                new JobPlan
                {
                    Name = Path.GetFileName(_path),
                    Depth = depth,
                    Source = new TraceSource(Reader, _format, _path, target, wrap, count),
                },
            ],
            Precondition = Precondition.Sequential,
            Fill = new SyntheticOptions { ReadPercent = 0, WritePercent = 100, Bytes = target.NamespaceBytes, Seed = target.Seed },
        };
    }

    /// <summary>
    /// The first format in which a line of the beginning is a request, and none before it is wrong; failing that, the one
    /// that the first line looks like, so that what is wrong with the line can be told.
    /// </summary>
    private static TraceFormat Detect(string path) =>
        TraceFormat.All.FirstOrDefault(format => Fits(path, format))
        ?? LooksLike(path)
        ?? throw new WorkloadException(
            $"{path}: is no trace in a format that is known; --format names one of {string.Join(", ", FormatNames)}, if it is");

    private static TraceFormat? LooksLike(string path)
    {
        using var lines = new LineReader(Open(path));
        if (!lines.TryRead(out ReadOnlySpan<byte> line) || line.IsEmpty || line.TrimStart(" "u8) is not [>= (byte)'0' and <= (byte)'9', ..])
            return null;
        int commas = line.Count((byte)',');
        string name = commas == 0 ? "mqsim" : commas == 1 ? "blkparse-q" : "msr";
        return TraceFormat.All.First(format => format.Name == name);
    }

    private static bool Fits(string path, TraceFormat format)
    {
        using var lines = new LineReader(Open(path));
        try
        {
            while (lines.Number < LinesForDetection && lines.TryRead(out ReadOnlySpan<byte> line))
            {
                if (!line.Trim(" \t"u8).IsEmpty && format.Read(line, out _) is var what && what != TraceLine.Other)
                    return what == TraceLine.Request;
            }
        }
        catch (FormatException)
        {
        }

        return false;
    }

    private LineReader Reader() => new(Open(_path));

    private static Stream Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            bool isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WorkloadException($"{path}: {e.Message}");
        }
    }
}
