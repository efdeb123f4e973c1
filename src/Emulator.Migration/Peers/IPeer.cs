using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// A drive elsewhere that this one is the host of. It is polled, on the thread that owns the drive: nothing happens, and
/// no completion comes, but from within <see cref="Poll"/>. Disposing of it closes the connection without a word and
/// discards what was not sent; no completion comes afterwards.
/// </summary>
public interface IPeer : IDisposable
{
    PeerState State { get; }

    /// <summary>Whether the subsystem itself turned the host away, so that trying again is of no use. Once it is lost.</summary>
    bool IsRefused { get; }

    /// <summary>Why it is lost, in a line without secrets; empty while it is not.</summary>
    string Problem { get; }

    /// <summary>CNTLID that the subsystem gave. Once it is ready.</summary>
    ushort ControllerId { get; }

    /// <summary>The admin queue of an enabled controller. Once it is ready.</summary>
    IPeerQueue Admin { get; }

    /// <summary>I/O queues: those that were asked for, or as many as were granted. Once it is ready.</summary>
    IReadOnlyList<IPeerQueue> IoQueues { get; }

    /// <summary>When <see cref="Poll"/> may find something; <see cref="SimTime.Never"/> while nothing is outstanding.</summary>
    SimTime NextEvent { get; }

    /// <summary>Sends what waits, and hands what came to the sink.</summary>
    void Poll(SimTime now);
}

public enum PeerState
{
    Connecting,

    /// <summary>The controller is enabled and its queues are connected.</summary>
    Ready,

    /// <summary>The connection was not made, or broke. What was outstanding may have been done or not.</summary>
    Lost,
}
