using System.Text.Json;
using System.Text.Json.Serialization;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>A phase as the report has it.</summary>
internal sealed record PhaseReport(MigratePhase Phase, double BeganAtSeconds)
{
    public double Seconds { get; set; }
}

/// <param name="Id">As command C4h told it.</param>
internal sealed record SnapshotReport(uint Nsid, ushort Id);

/// <summary>What came of a migration, as it is printed and written to a file.</summary>
internal sealed class MigrateReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required MigrateOptions Options { get; init; }

    /// <summary>done, rolledBack, or where it stopped.</summary>
    public MigratePhase Phase => Phases.Count == 0 ? MigratePhase.Preparing : Phases[^1].Phase;

    /// <summary>Why it did not end as it was to.</summary>
    public string? Problem { get; set; }

    public List<PhaseReport> Phases { get; } = [];

    /// <summary>From the fence to the open path at the destination, as this process measured it.</summary>
    public double? BlackoutMs { get; set; }

    public double? PredictedBlackoutMs { get; set; }

    /// <summary>Since the beginning, when the VM was paused and ran again; null if it never was.</summary>
    public double? PausedAtSeconds { get; set; }

    public double? ResumedAtSeconds { get; set; }

    /// <summary>As QEMU measured it.</summary>
    public double? QemuDowntimeMs { get; set; }

    public long? RamBytes { get; set; }

    public ulong Rounds { get; private set; }

    public double FirstPassSeconds { get; private set; }

    /// <summary>What the first pass had to look at.</summary>
    public ulong FirstPassBytes { get; private set; }

    /// <summary>Of data, sent to the destination.</summary>
    public ulong BytesMoved { get; private set; }

    /// <summary>That read as zero and were deallocated there.</summary>
    public ulong BytesZeroed { get; private set; }

    public ulong BytesRepeated { get; private set; }

    public ulong BytesEqual { get; private set; }

    public ulong StateBytes { get; private set; }

    /// <summary>By the VM, while its data moved.</summary>
    public ulong BytesWrittenMeanwhile { get; private set; }

    /// <summary>
    /// Bytes moved over bytes that had to move: what the first pass found, zeroes and what was there already aside, and what the VM wrote
    /// meanwhile. Less than 1 is what was written again before it moved.
    /// </summary>
    public double? MovedRatio
    {
        get
        {
            double data = (double)FirstPassBytes - BytesZeroed - BytesEqual + BytesWrittenMeanwhile;
            return Phase == MigratePhase.Done && FirstPassBytes > 0 && data > 0 ? BytesMoved / data : null;
        }
    }

    /// <summary>Pages of 4 KiB that ERASE deallocated at the source, and that held data afterwards: none.</summary>
    public ulong? PagesErased { get; private set; }

    public ulong? PagesLeft { get; private set; }

    /// <summary>Snapshots at the destination of the moment of the switch; null if none were asked for.</summary>
    public IReadOnlyList<SnapshotReport>? Snapshots { get; set; }

    /// <summary>Since the beginning, when the VM was held back first; null if it never was.</summary>
    public double? HeldBackAtSeconds { get; private set; }

    /// <summary>The least that it was held to: bytes a second, and of what it wrote a second before.</summary>
    public double? HeldBackToBytesPerSecond { get; private set; }

    public double? HeldBackToShare { get; private set; }

    /// <summary>Writes of the VM that the drive held, and for how long together.</summary>
    public ulong CommandsHeld { get; private set; }

    public double SecondsHeld { get; private set; }

    public List<MigrateSample> Samples { get; } = [];

    public void Enter(MigratePhase phase, double seconds)
    {
        if (Phases.Count > 0)
            Phases[^1].Seconds = seconds - Phases[^1].BeganAtSeconds;
        Phases.Add(new PhaseReport(phase, seconds));
    }

    public void HeldBack(double seconds, double bytesPerSecond, double share)
    {
        HeldBackAtSeconds ??= seconds;
        HeldBackToBytesPerSecond = Math.Min(HeldBackToBytesPerSecond ?? double.PositiveInfinity, bytesPerSecond);
        HeldBackToShare = Math.Min(HeldBackToShare ?? double.PositiveInfinity, share);
    }

    public void Take(MoverProgress progress)
    {
        Rounds = progress.Round;
        FirstPassSeconds = progress.FirstPassSeconds;
        FirstPassBytes = progress.FirstPassBytes;
        BytesMoved = progress.BytesSent;
        BytesZeroed = progress.BytesZeroed;
        BytesRepeated = progress.BytesRepeated;
        BytesEqual = progress.BytesEqual;
        StateBytes = progress.StateBytes;
    }

    /// <summary>What the drives tell at the end.</summary>
    public void Take(in VmMigrationStatus source, in VmMigrationStatus sourceBefore)
    {
        BytesWrittenMeanwhile = source.BytesWritten - Math.Min(source.BytesWritten, sourceBefore.BytesWritten);
        (CommandsHeld, SecondsHeld) = (source.CommandsHeldInAll, source.NanosecondsHeld / 1e9);
        if (Options.EraseSource)
            (PagesErased, PagesLeft) = (source.PagesErased, source.PagesLeft);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";
}
