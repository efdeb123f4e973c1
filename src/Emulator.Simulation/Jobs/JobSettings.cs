using Emulator.Core;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Jobs;

/// <summary>The keys of a job section that have a meaning here, under fio's names and with fio's defaults.</summary>
internal sealed record JobSettings
{
    /// <summary>Keys about how an operating system reaches a drive; they are taken and change nothing.</summary>
    private static readonly string[] WithoutMeaning =
    [
        "ioengine", "direct", "filename", "group_reporting", "thread", "norandommap", "randrepeat", "invalidate", "refill_buffers",
    ];

    private static readonly string[] Known =
    [
        "rw", "readwrite", "bs", "blocksize", "bssplit", "rwmixread", "rwmixwrite", "iodepth", "size", "io_size", "offset",
        "number_ios", "rate_iops", "rate_process", "random_distribution", "percentage_random", "randseed", "fsync", "runtime",
        "time_based", "numjobs", "stonewall", "wait_for_previous",
    ];

    public string ReadWrite { get; init; } = "read";

    public SizeMix ReadSizes { get; init; } = SizeMix.Of(4096);

    public SizeMix WriteSizes { get; init; } = SizeMix.Of(4096);

    public SizeMix TrimSizes { get; init; } = SizeMix.Of(4096);

    public int ReadPercentOfMix { get; init; } = 50;

    public int Depth { get; init; } = 1;

    public long? Bytes { get; init; }

    public long? TransferBytes { get; init; }

    public long Offset { get; init; }

    public long? Requests { get; init; }

    public double Rate { get; init; }

    public bool IsPoisson { get; init; }

    public double ZipfTheta { get; init; }

    public int RandomPercent { get; init; } = 100;

    public ulong? Seed { get; init; }

    public int FlushEvery { get; init; }

    public SimDuration? Runtime { get; init; }

    public bool IsTimeBased { get; init; }

    public int Copies { get; init; } = 1;

    /// <summary>Begins when the jobs before it are through.</summary>
    public bool WaitsForOthers { get; init; }

    private bool IsMixed => ReadWrite is "rw" or "readwrite" or "randrw";

    private bool IsRandom => ReadWrite.StartsWith("rand", StringComparison.Ordinal);

    /// <summary>The settings with one key set.</summary>
    /// <exception cref="FormatException">The key or its value is wrong; the message says what.</exception>
    public JobSettings With(string key, string value, WorkloadTarget target) => key switch
    {
        "rw" or "readwrite" => this with { ReadWrite = Direction(value) },
        "bs" or "blocksize" => WithSizes(value, part => JobValue.BlockSize(part, target.BlockBytes)),
        "bssplit" => WithSizes(value, part => JobValue.BlockSizes(part, target.BlockBytes)),
        "rwmixread" => this with { ReadPercentOfMix = (int)JobValue.Whole(value, 0, 100) },
        "rwmixwrite" => this with { ReadPercentOfMix = 100 - (int)JobValue.Whole(value, 0, 100) },
        "iodepth" => this with { Depth = (int)JobValue.Whole(value, 1, target.MostOutstanding) },
        "size" => this with { Bytes = JobValue.SizeOrShare(value, target.NamespaceBytes) },
        "io_size" => this with { TransferBytes = JobValue.SizeOrShare(value, target.NamespaceBytes) },
        "offset" => this with { Offset = JobValue.SizeOrShare(value, target.NamespaceBytes) },
        "number_ios" => this with { Requests = JobValue.Whole(value, 1, long.MaxValue) },
        "rate_iops" => this with { Rate = JobValue.Number(value, 0, 1e9) },
        "rate_process" => this with { IsPoisson = Choice(value, "linear", "poisson") == "poisson" },
        "random_distribution" => this with { ZipfTheta = Distribution(value) },
        "percentage_random" => this with { RandomPercent = (int)JobValue.Whole(value, 0, 100) },
        "randseed" => this with { Seed = (ulong)JobValue.Whole(value, 0, long.MaxValue) },
        "fsync" => this with { FlushEvery = (int)JobValue.Whole(value, 0, int.MaxValue) },
        "runtime" => this with { Runtime = JobValue.Duration(value) },
        "time_based" => this with { IsTimeBased = JobValue.Flag(value) },
        "numjobs" => this with { Copies = (int)JobValue.Whole(value, 1, Simulator.MostJobs) },
        "stonewall" or "wait_for_previous" => this with { WaitsForOthers = JobValue.Flag(value) },
        _ when WithoutMeaning.Contains(key) => this,
        _ => throw new FormatException($"unknown key '{key}'; known are {string.Join(", ", Known)}"),
    };

    /// <summary>The stream of requests that the settings describe.</summary>
    /// <param name="copy">Which of the copies of the job, from 0; each draws numbers of its own.</param>
    /// <exception cref="FormatException">The keys do not fit together, or not to the drive.</exception>
    public SyntheticOptions ToOptions(WorkloadTarget target, int job, int copy)
    {
        long bytes = Bytes ?? (target.NamespaceBytes - Offset);
        if (Offset % target.BlockBytes != 0)
            throw new FormatException($"offset {Offset} is not a multiple of the drive's blocks of {target.BlockBytes} bytes");
        if (bytes < 0 || Offset > target.NamespaceBytes || bytes > target.NamespaceBytes - Offset)
            throw new FormatException($"offset {Offset} and size {bytes} reach beyond the {target.NamespaceBytes} bytes of the drive");
        if (IsTimeBased && Runtime == null)
            throw new FormatException("time_based needs runtime");

        int readPercent = IsMixed ? ReadPercentOfMix : ReadWrite.EndsWith("read", StringComparison.Ordinal) ? 100 : 0;
        int trimPercent = ReadWrite.EndsWith("trim", StringComparison.Ordinal) ? 100 : 0;
        var options = new SyntheticOptions
        {
            ReadPercent = readPercent,
            WritePercent = 100 - readPercent - trimPercent,
            TrimPercent = trimPercent,
            ReadSizes = ReadSizes,
            WriteSizes = WriteSizes,
            TrimSizes = TrimSizes,
            SequentialPercent = IsRandom ? 100 - RandomPercent : 100,
            ZipfTheta = ZipfTheta,
            Offset = Offset,
            Bytes = bytes / target.BlockBytes * target.BlockBytes,
            Rate = Rate,
            IsPoisson = IsPoisson,
            FlushEvery = FlushEvery,
            RequestLimit = Requests,
            ByteLimit = IsTimeBased ? null : TransferBytes ?? bytes,
            Seed = Seed is { } seed ? seed + (ulong)copy : target.Seed + (((ulong)job << 20) + (ulong)copy),
        };
        int largest = SyntheticSource.LargestOf(options);
        return largest <= options.Bytes
            ? options
            : throw new FormatException($"requests of {largest} bytes do not fit into a size of {options.Bytes} bytes");
    }

    private static string Direction(string value) => Choice(
        value, "read", "write", "trim", "randread", "randwrite", "randtrim", "rw", "readwrite", "randrw");

    private static double Distribution(string value)
    {
        if (value == "random")
            return 0;
        return value.StartsWith("zipf:", StringComparison.Ordinal)
            ? JobValue.Number(value["zipf:".Length..], 0.001, 10)
            : throw new FormatException($"'{value}' must be random or zipf:THETA");
    }

    private static string Choice(string value, params string[] choices) => choices.Contains(value)
        ? value
        : throw new FormatException($"'{value}' must be one of {string.Join(", ", choices)}");

    private JobSettings WithSizes(string value, Func<string, SizeMix> parse)
    {
        (string read, string write, string trim) = JobValue.ByDirection(value);
        return this with { ReadSizes = parse(read), WriteSizes = parse(write), TrimSizes = parse(trim) };
    }
}
