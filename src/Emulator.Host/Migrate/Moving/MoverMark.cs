namespace Emulator.Host.Migrate;

/// <summary>
/// How far the first pass of a move through this process is, durably at the destination. It is noted in the journal, so that
/// another process need not begin anew.
/// </summary>
internal sealed record MoverMark
{
    /// <summary><see cref="Nsid"/> of a first pass that is over.</summary>
    public const uint Over = uint.MaxValue;

    /// <summary>
    /// CNTLID at the destination of the connection that writes: whoever writes next waits until it is gone, so that nothing late
    /// overwrites what is newer.
    /// </summary>
    public required ushort Writer { get; init; }

    /// <summary>UUID of what the destination keeps its data on.</summary>
    public required string Medium { get; init; }

    /// <summary>Everything before this namespace is there, and of it everything before <see cref="Block"/>.</summary>
    public uint Nsid { get; init; }

    public ulong Block { get; init; }
}
