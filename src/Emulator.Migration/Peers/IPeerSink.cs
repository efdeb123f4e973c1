using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>Takes completions from <see cref="IPeer.Poll"/>.</summary>
public interface IPeerSink
{
    /// <summary>
    /// A command completed. The slot and its buffer belong to the receiver, who gives it back with
    /// <see cref="IPeerQueue.Release"/> or submits another command with it.
    /// </summary>
    void Completed(SimTime now, IPeerQueue queue, int slot, PeerCompletion completion);
}

/// <summary>How a command at a peer ended.</summary>
/// <param name="Status">As the peer said.</param>
/// <param name="Dw0">Dword 0 of the completion.</param>
/// <param name="Transferred">Bytes of data that went over.</param>
public readonly record struct PeerCompletion(Status Status, uint Dw0, int Transferred);
