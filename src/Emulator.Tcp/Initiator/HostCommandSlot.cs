using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>One command that can be outstanding, with its buffer.</summary>
internal unsafe struct HostCommandSlot
{
    /// <summary>As the command goes out; the queue fills in CID and data pointer.</summary>
    public SubmissionEntry Entry;

    /// <summary>Kept for <see cref="HostQueue.Wait"/>.</summary>
    public HostCompletion Completion;

    public byte* Buffer;

    /// <summary>Length of the data.</summary>
    public int Length;

    /// <summary>Bytes of data sent or received.</summary>
    public int Transferred;

    /// <summary>Bytes that the R2T being served still wants.</summary>
    public int Requested;

    /// <summary>Transfer tag of the R2T being served.</summary>
    public ushort TransferTag;

    /// <summary>Goes into the upper bits of the CID, so that an answer to an earlier command is noticed.</summary>
    public byte Generation;

    public HostSlotState State;

    public DataDirection Direction;

    public bool InCapsule;

    /// <summary>A data digest was wrong: the command fails whatever its status says.</summary>
    public bool IsDamaged;

    /// <summary>The completion is kept for <see cref="HostQueue.Wait"/> instead of going to the sink.</summary>
    public bool IsAwaited;
}

internal enum HostSlotState : byte
{
    Free,

    /// <summary>The caller fills in the command, or has seen its completion and not let go yet.</summary>
    Held,

    /// <summary>Submitted, but the capsule did not fit into the send buffer yet.</summary>
    Unsent,

    /// <summary>The controller has the command.</summary>
    Outstanding,
}
