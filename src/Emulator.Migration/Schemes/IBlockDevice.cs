using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// One side of a migration: a drive, a namespace of one, or what is reached over a connection. Every command that it is
/// given completes exactly once, through <see cref="SchemeRun.Completed"/>, with failure once the device is gone.
/// </summary>
public interface IBlockDevice
{
    /// <summary>Base-two logarithm of the bytes of a block.</summary>
    int BlockShift { get; }

    ulong BlockCount { get; }

    /// <summary>Takes a command; it may wait in a queue of the device's own, but is not turned away.</summary>
    /// <param name="tag">Comes back with the completion.</param>
    /// <param name="request">Blocks within the device.</param>
    /// <param name="data">
    /// As long as the blocks for a read or write, and left alone until the completion; empty where contents do not matter.
    /// </param>
    void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data);
}

/// <summary>What one wants of a block device.</summary>
/// <param name="Blocks">0 for a flush.</param>
/// <param name="IsForced">FUA: a write is to be durable before it completes.</param>
/// <param name="Origin">
/// Whose it is, as the one who submits it numbers those from 1 on; devices see it. What a scheme asks for itself has 0.
/// </param>
public readonly record struct BlockRequest(
    BlockOperation Operation, ulong StartLba, uint Blocks, bool IsForced = false, int Origin = 0)
{
    public ulong End => StartLba + Blocks;

    /// <summary>Blocks hold something else afterwards.</summary>
    public bool Changes => Operation is BlockOperation.Write or BlockOperation.Zero;

    public bool Overlaps(in BlockRequest other) => StartLba < other.End && other.StartLba < End;
}

public enum BlockOperation : byte
{
    Read,
    Write,

    /// <summary>Blocks read as zero afterwards; carries no data.</summary>
    Zero,

    /// <summary>What completed before is durable when it completes.</summary>
    Flush,
}

/// <summary>Hears of the requests of the VM.</summary>
public interface ISchemeSink
{
    /// <param name="request">The number that the request was submitted with.</param>
    void RequestCompleted(SimTime now, int request, bool isSuccess);
}
