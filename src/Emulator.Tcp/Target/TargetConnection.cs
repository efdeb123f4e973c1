using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// One TCP connection, which is one queue pair. Bytes arrive in one flat buffer, every complete PDU in it is handled,
/// and what that produced is sent with one system call. Split by direction: receiving, capsules, data PDUs, sending, and
/// the end.
/// <para>
/// Most commands are executed and answered while their capsule lies in the receive buffer. A command that has to wait,
/// for data, for a buffer or for its time, takes a slot; slots are as many as the queue has entries.
/// </para>
/// </summary>
internal sealed unsafe partial class TargetConnection : IQueueEndpoint, IDisposable
{
    private enum ConnectionState
    {
        /// <summary>ICReq is expected.</summary>
        Initializing,

        /// <summary>PDUs are exchanged; the queue is there once Connect has succeeded.</summary>
        Open,

        /// <summary>The last bytes are on their way; what still arrives is thrown away until the peer closes.</summary>
        Closing,

        Closed,
    }

    private readonly Reactor _reactor;
    private readonly TargetOptions _options;
    private readonly int _fd;
    private readonly OutputQueue _output;
    private readonly NativeMemoryBlock _inputMemory;
    private readonly byte* _input;
    private readonly int _inputSize;
    private ConnectionState _state;
    private int _start, _end;

    // Where the PDU that is being handled begins; a terminate request repeats its header.
    private int _pduStart;

    /// <summary>There was no room for another answer: what has arrived is handled when some was sent.</summary>
    private bool _stalled;

    private bool _headerDigest, _dataDigest;
    private int _dataAlignment = 4;
    private QueuePair? _queue;
    private FabricsController? _controller;
    private ISubsystem? _subsystem;
    private ushort _submissionHead;
    private SimTime _deadline;

    public TargetConnection(Reactor reactor, int fd, string peer, SimTime now)
    {
        _reactor = reactor;
        _options = reactor.Options;
        _fd = fd;
        Peer = peer;
        _inputSize = Math.Max(MinimumInputBytes, 2 * (reactor.InCapsuleDataBytes + LargestPduOverhead));
        _inputMemory = new NativeMemoryBlock(_inputSize);
        _input = _inputMemory.Pointer;
        _output = new OutputQueue(reactor.Buffers, OutputRingBytes, OutputSegments);
        _slots = [new CommandSlot(0)];
        _freeSlots = [0];
        _freeSlotCount = 1;
        _waitingForBuffer = new Queue<CommandSlot>(1);
        _deadline = now + new SimDuration((long)(_options.ConnectTimeout.TotalMicroseconds * 1000));
    }

    /// <summary>Capsule header, header digest, the widest padding there can be, data digest.</summary>
    private const int LargestPduOverhead = CapsuleCmd.Size + DigestBytes + 128 + DigestBytes;

    private const int MinimumInputBytes = 256 * 1024;
    private const int OutputRingBytes = 64 * 1024;
    private const int OutputSegments = 2048;
    private const int DigestBytes = 4;

    /// <summary>In-capsule data of the admin queue and of every Fabrics command (TCP Transport 1.1, 3.3.2.2).</summary>
    private const int AdminInCapsuleBytes = 8192;

    public string Peer { get; }

    /// <summary>What the host connected to; null before its Connect command.</summary>
    public ISubsystem? Subsystem => _subsystem;

    public int FileDescriptor => _fd;

    public bool IsClosed => _state == ConnectionState.Closed;

    /// <summary>The socket takes no more for the moment.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>When the reactor has to look at the connection though nothing arrives: it must connect, or be gone, by then.</summary>
    public SimTime Deadline => _deadline;

    /// <summary>The reactor polls connections that were active of late without asking the kernel first.</summary>
    public SimTime LastActive { get; set; }

    public bool IsHot { get; set; }

    /// <summary>Receives, executes and sends what can be received, executed and sent now.</summary>
    /// <returns>Whether anything arrived.</returns>
    public bool Poll(SimTime now)
    {
        if (_state == ConnectionState.Closed)
            return false;
        if (_stalled)
        {
            _stalled = false;
            Parse(now);
        }

        bool active = Receive(now);
        ServeWaiting(now);
        Flush(now);
        return active;
    }

    /// <summary>The time limit has passed: for connecting, or for the peer to close.</summary>
    public void CheckDeadline(SimTime now)
    {
        if (now >= _deadline && _state != ConnectionState.Closed)
            Close(now, _state == ConnectionState.Closing ? "closed" : "no Connect command in time");
    }

    public void Dispose()
    {
        _output.Dispose();
        _inputMemory.Dispose();
    }
}
