using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>A queue of a peer, which is one of a host.</summary>
internal sealed class TcpPeerQueue(TcpPeer peer, HostQueue queue) : IPeerQueue, IWatched
{
    /// <summary>Something was submitted, or has come, since it was polled last.</summary>
    public bool IsDue { get; private set; } = true;

    public int FileDescriptor => queue.FileDescriptor;

    public HostQueue Host => queue;

    public int Index => queue.QueueId;

    public int Depth => queue.Depth;

    public bool TryAcquire(out int slot) => queue.TryAcquire(out slot);

    public void Release(int slot) => queue.Release(slot);

    public ref SubmissionEntry Entry(int slot) => ref queue.Entry(slot);

    public Span<byte> Buffer(int slot) => queue.Buffer(slot);

    public void BecameReadable() => IsDue = true;

    /// <returns>The number of commands that completed.</returns>
    public int Poll()
    {
        IsDue = false;
        return queue.Poll();
    }

    public void Submit(SimTime now, int slot, int length)
    {
        queue.Submit(slot, length);
        IsDue = true;
        peer.Submitted(now);
    }
}
