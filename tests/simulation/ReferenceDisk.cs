using Emulator.Core;

namespace Emulator.SimulationTests;

/// <summary>
/// A namespace as its host knows it: for each block the contents that it may have after a loss of power. That is what was
/// acknowledged before the last flush or written with FUA, or anything written later.
/// </summary>
internal sealed class ReferenceDisk(int blockBytes, int blocks)
{
    private readonly List<Version>[] _blocks = [.. Enumerable.Range(0, blocks).Select(_ => new List<Version> { new(BlockContents.Zero, 0, SimTime.Zero) })];

    /// <param name="Ordinal">The command that wrote it.</param>
    /// <param name="Acknowledged">When the host heard that it is written; never, if it did not.</param>
    private readonly record struct Version(long Contents, long Ordinal, SimTime Acknowledged);

    public int BlockBytes { get; } = blockBytes;

    public int Blocks { get; } = blocks;

    /// <summary>What a read must give while the power is on.</summary>
    public long Latest(int block) => _blocks[block][^1].Contents;

    /// <summary>Whether the last command about a block ended well, so that there is one thing it can contain.</summary>
    public bool IsCertain(int block) => _blocks[block][^1].Acknowledged != SimTime.Never;

    public bool MayBe(int block, long contents) => _blocks[block].Exists(version => version.Contents == contents);

    public string Describe(int block) => string.Join(", ", _blocks[block].Select(version => $"{version.Contents} by {version.Ordinal}"));

    /// <summary>A command is about to write a block; nobody knows yet how it will end.</summary>
    public void Begin(int block, long contents, long ordinal) => _blocks[block].Add(new Version(contents, ordinal, SimTime.Never));

    /// <summary>The command ended well.</summary>
    public void Acknowledge(int block, long ordinal, SimTime due)
    {
        List<Version> versions = _blocks[block];
        int index = versions.FindLastIndex(version => version.Ordinal == ordinal);
        versions[index] = versions[index] with { Acknowledged = due };
    }

    /// <summary>The command ended with an error that says that it did nothing.</summary>
    public void Withdraw(int block, long ordinal) => _blocks[block].RemoveAll(version => version.Ordinal == ordinal);

    /// <summary>A flush is over: what was acknowledged when it was asked for is durable.</summary>
    public void Flushed(long ordinal, SimTime asked)
    {
        foreach (List<Version> versions in _blocks)
        {
            int durable = versions.FindLastIndex(version => version.Ordinal < ordinal && version.Acknowledged <= asked);
            if (durable > 0)
                versions.RemoveRange(0, durable);
        }
    }

    /// <summary>A write with FUA is over: it is durable.</summary>
    public void Forced(int block, long ordinal)
    {
        int durable = _blocks[block].FindLastIndex(version => version.Ordinal == ordinal);
        if (durable > 0)
            _blocks[block].RemoveRange(0, durable);
    }

    /// <summary>After a loss of power it was seen what is there, and that stays.</summary>
    public void Found(int block, long contents) => _blocks[block] = [new Version(contents, 0, SimTime.Zero)];

    /// <summary>A command may have deallocated all, which was interrupted.</summary>
    public void MayBeZero()
    {
        foreach (List<Version> versions in _blocks)
            versions.Add(new Version(BlockContents.Zero, 0, SimTime.Never));
    }
}
