namespace Emulator.Host.Migrate;

/// <summary>Where the data of a migration is.</summary>
internal enum MoverPhase
{
    Connecting,
    FirstPass,
    CatchingUp,

    /// <summary>Little is dirty, and waits.</summary>
    Converged,

    /// <summary>The connection between the drives is lost and tried anew.</summary>
    Reconnecting,
    Finishing,
    Done,
    Failed,
}

/// <summary>How far the data is. Bytes are of data; a rate is per second.</summary>
internal sealed record MoverProgress(MoverPhase Phase)
{
    public ulong Round { get; init; }

    /// <summary>Of this round.</summary>
    public ulong BytesToDo { get; init; }

    /// <summary>For the next round.</summary>
    public ulong BytesDirty { get; init; }

    public double BytesPerSecond { get; init; }

    /// <summary>Sent to the destination, repetitions included.</summary>
    public ulong BytesSent { get; init; }

    /// <summary>Deallocated at the destination since they read as zero.</summary>
    public ulong BytesZeroed { get; init; }

    /// <summary>Nothing but its share of the source's work keeps it from going faster, and that grows.</summary>
    public bool CouldTakeMore { get; init; }

    /// <summary>Of data, at the destination now.</summary>
    public ulong BytesMoved => BytesSent + BytesZeroed;

    /// <summary>Sent again after a lost connection.</summary>
    public ulong BytesRepeated { get; init; }

    /// <summary>Found there by checksums.</summary>
    public ulong BytesEqual { get; init; }

    public ulong StateBytes { get; init; }

    public ulong FirstPassBytes { get; init; }

    /// <summary>0 while the first pass goes on.</summary>
    public double FirstPassSeconds { get; init; }

    /// <summary>Why it failed, or is reconnecting.</summary>
    public string Problem { get; init; } = "";

    public bool IsFirstPassOver => FirstPassSeconds > 0;
}
