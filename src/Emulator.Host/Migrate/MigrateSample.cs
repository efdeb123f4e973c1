namespace Emulator.Host.Migrate;

/// <summary>A moment of a migration, for the display, the report and the plot.</summary>
internal sealed record MigrateSample
{
    /// <summary>Since the beginning.</summary>
    public required double Seconds { get; init; }

    public required MigratePhase Phase { get; init; }

    public ulong Round { get; init; }

    /// <summary>Of data.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Of this round.</summary>
    public ulong BytesToDo { get; init; }

    /// <summary>Changed since the round began.</summary>
    public ulong BytesDirty { get; init; }

    /// <summary>What the VM changes.</summary>
    public double DirtyBytesPerSecond { get; init; }

    public ulong BytesSent { get; init; }

    /// <summary>Null before there is anything to tell it by.</summary>
    public double? PredictedBlackoutMs { get; init; }

    public long? RamRemaining { get; init; }

    /// <summary>Bytes that the VM may write a second; null while it is not held back.</summary>
    public double? WriteLimit { get; init; }

    /// <summary>Writes of the VM that the drive holds at this moment.</summary>
    public ulong CommandsHeld { get; init; }

    /// <summary>Of the VM at the source, a second; null while there is nothing to compare with.</summary>
    public double? GuestCommandsPerSecond { get; init; }

    /// <summary>Mean of a command of the VM in the drive, without the transport; null where there were none.</summary>
    public double? GuestLatencyUs { get; init; }
}
