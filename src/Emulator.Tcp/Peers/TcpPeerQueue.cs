using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>A queue of a peer, which is one of a host.</summary>
internal sealed class TcpPeerQueue(TcpPeer peer, HostQueue queue) : IPeerQueue
{
    public HostQueue Host => queue;

    public int Index => queue.QueueId;

    public int Depth => queue.Depth;

    public bool TryAcquire(out int slot) => queue.TryAcquire(out slot);

    public void Release(int slot) => queue.Release(slot);

    public ref SubmissionEntry Entry(int slot) => ref queue.Entry(slot);

    public Span<byte> Buffer(int slot) => queue.Buffer(slot);

    public void Submit(SimTime now, int slot, int length)
    {
        queue.Submit(slot, length);
        peer.Submitted(now);
    }
}
