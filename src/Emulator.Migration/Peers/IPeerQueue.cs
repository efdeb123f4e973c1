using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>A queue of a peer: commands live in slots that have a buffer each.</summary>
public interface IPeerQueue
{
    /// <summary>0 for the admin queue, from 1 on for I/O queues.</summary>
    int Index { get; }

    /// <summary>Commands that can be outstanding; slots are numbered from 0.</summary>
    int Depth { get; }

    /// <summary>Takes a slot; false when all are in use.</summary>
    bool TryAcquire(out int slot);

    /// <summary>Gives back a slot that has no command outstanding.</summary>
    void Release(int slot);

    /// <summary>The command of a slot, to be filled in before <see cref="Submit"/>; CID and data pointer are the queue's.</summary>
    ref SubmissionEntry Entry(int slot);

    /// <summary>The data of the command of a slot: the bytes of a command that were asked for, or more.</summary>
    Span<byte> Buffer(int slot);

    /// <summary>Hands over a command with so many bytes of data, at the start of the buffer; 0 for none.</summary>
    void Submit(SimTime now, int slot, int length);
}
