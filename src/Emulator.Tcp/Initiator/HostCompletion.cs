using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>How a command of the host ended.</summary>
/// <param name="Entry">The completion queue entry, made up by the host if none came.</param>
/// <param name="Transferred">Bytes of data that went over the wire, in the capsule or in data PDUs.</param>
/// <param name="WithoutCapsule">The last C2HData carried SUCCESS, and no response capsule came.</param>
public readonly record struct HostCompletion(CompletionEntry Entry, int Transferred, bool WithoutCapsule)
{
    public Status Status => Entry.Status;

    public bool IsSuccess => Entry.Status.IsSuccess;

    public uint Dw0 => Entry.Dw0;
}

/// <summary>Takes completions from <see cref="HostQueue.Poll"/>, on the thread that polls.</summary>
public interface ICompletionSink
{
    /// <summary>
    /// A command completed. The slot and its buffer belong to the receiver, which submits the next command with it, here
    /// or later, or gives it back with <see cref="HostQueue.Release"/>.
    /// </summary>
    void Completed(HostQueue queue, int slot, in HostCompletion completion);
}
