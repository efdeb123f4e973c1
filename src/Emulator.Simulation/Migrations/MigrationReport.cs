using Emulator.Core;

namespace Emulator.Simulation.Migrations;

/// <summary>What a migration took, in virtual time.</summary>
public sealed record MigrationReport
{
    public required MigrationAssist Assist { get; init; }

    /// <summary>Bytes that the VM had written before the migration, each counted once.</summary>
    public required long BytesWrittenBefore { get; init; }

    /// <summary>Bytes of data written at the destination.</summary>
    public required long BytesMoved { get; init; }

    /// <summary>Passes and rounds over what had to be copied, with the last one in the pause.</summary>
    public required int Rounds { get; init; }

    /// <summary>From the begin of the migration to the pause of the VM.</summary>
    public required SimDuration Brownout { get; init; }

    /// <summary>From the pause of the VM until it can go on at the destination.</summary>
    public required SimDuration Blackout { get; init; }

    public required GuestReport Before { get; init; }

    public required GuestReport During { get; init; }

    /// <summary>After it, at the destination; null if nobody looked.</summary>
    public required GuestReport? After { get; init; }

    /// <summary>Pages of 4 KiB that the copy found in the cache of the source because they were retained.</summary>
    public required long RetainedPagesRead { get; init; }

    /// <summary>Reads of the copy that found what was prefetched for them.</summary>
    public required long ReadsPrefetched { get; init; }
}

/// <summary>What the VM saw in a time.</summary>
public sealed record GuestReport
{
    public required double CommandsPerSecond { get; init; }

    /// <summary>From arrival to completion, in microseconds.</summary>
    public required double MeanMicroseconds { get; init; }

    public required double P99Microseconds { get; init; }

    internal static GuestReport Of(Reports.RunRecorder recorder)
    {
        double seconds = (recorder.End - recorder.Begin).Nanoseconds / 1e9;
        return new GuestReport
        {
            CommandsPerSecond = recorder.Latencies.Count / seconds,
            MeanMicroseconds = recorder.Latencies.Mean.Nanoseconds / 1e3,
            P99Microseconds = recorder.Latencies.Percentile(99).Nanoseconds / 1e3,
        };
    }
}
