namespace Emulator.Ftl.Persistence;

/// <summary>Which checkpoint recovery starts from.</summary>
public enum RecoveryBase : byte
{
    /// <summary>There is none: the medium is damaged.</summary>
    None,

    /// <summary>That of a shutdown, after which nothing happened.</summary>
    CleanShutdown,

    /// <summary>The newest, to which what came later is added.</summary>
    Newest,

    /// <summary>The one before the newest, since that is not whole; the journal is read from there.</summary>
    Older,
}

/// <summary>What recovery found and did.</summary>
public sealed record RecoveryReport
{
    public RecoveryBase Base { get; init; }

    public ulong Generation { get; init; }

    public long JournalRecords { get; init; }

    /// <summary>Superblocks in which something was programmed since the checkpoint.</summary>
    public int SuperblocksScanned { get; init; }

    public long PagesScanned { get; init; }

    /// <summary>Pages that were programmed since the checkpoint and are current.</summary>
    public long PagesReplayed { get; init; }

    /// <summary>Pages that were not programmed to the end.</summary>
    public long PagesTorn { get; init; }

    public long PagesTrimmed { get; init; }

    /// <summary>Logical pages whose contents are gone; they read with an error until they are written again.</summary>
    public long PagesLost { get; init; }

    public long PagesMapped { get; init; }

    /// <summary>Physical pages that snapshots alone hold.</summary>
    public long PagesKept { get; init; }

    /// <summary>What was done, in order, a line each.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    public bool WasClean => Base == RecoveryBase.CleanShutdown;
}
