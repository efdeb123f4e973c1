using Emulator.Core;

namespace Emulator.Migration;

/// <summary>How a scheme works. Defaults are those of the evaluation in US 9,195,401 where it states any.</summary>
public sealed record SchemeOptions
{
    public required SchemeKind Kind { get; init; }

    /// <summary>Bytes of a copy command at most, at least a block.</summary>
    public int CopyBytes { get; init; } = 128 << 10;

    /// <summary>Copy commands outstanding: each is a read at the source and then a write at the destination.</summary>
    public int CopyDepth { get; init; } = 1;

    /// <summary>
    /// Reads of the copy begin when <see cref="SchemeRun.StepCopy"/> is called, not by themselves. Blocks whose read has not begun are
    /// not being copied: a request to them waits for nothing.
    /// </summary>
    public bool IsPaced { get; init; }

    /// <summary>
    /// A copy reads on over blocks that it leaves out if there are no more than this of them: a disk would wait for them to
    /// pass anyway.
    /// </summary>
    public int ReadThroughBytes { get; init; } = 64 << 10;

    /// <summary>
    /// Requests of the VM that are known at a time, with writes that it has the completion of while one side has not
    /// finished them.
    /// </summary>
    public int MostRequests { get; init; } = 1024;

    /// <summary>Asynchronous mirroring: with more writes pending than this a write waits.</summary>
    public int PendingThreshold { get; init; } = 100;

    /// <summary>Asynchronous mirroring: which writes are pending.</summary>
    public PendingWrites Pending { get; init; } = PendingWrites.AtEitherSide;

    /// <summary>Asynchronous mirroring: how long it waits before it looks again.</summary>
    public SimDuration PendingDelay { get; init; } = SimDuration.FromMilliseconds(1);

    /// <summary>Rounds: the VM is paused once no more than this is dirty.</summary>
    public long ConvergedBytes { get; init; } = 1 << 20;

    /// <summary>Rounds: so many in a row with the same number of dirty blocks mean that it will not get better.</summary>
    public int StableRounds { get; init; } = 3;

    /// <summary>Rounds: numbers of dirty blocks are the same if they differ by no more than this.</summary>
    public int StablePercent { get; init; } = 10;

    /// <summary>Rounds after the first pass before the fall-back.</summary>
    public int MostRounds { get; init; } = 30;

    public DirtyFallBack FallBack { get; init; } = DirtyFallBack.Pause;

    /// <summary>What the VM ever wrote, in ascending order, for <see cref="SchemeKind.Assist"/>; null for all blocks.</summary>
    public IReadOnlyList<(ulong StartLba, ulong Blocks)>? Written { get; init; }
}
