using System.Net;
using Emulator.Core;
using Emulator.Migration;

namespace Emulator.Tcp;

/// <summary>
/// A drive at the other end of NVMe/TCP connections. They are made on a thread of their own, since that waits for the
/// other side, and then belong to the thread that polls. Where a reactor runs that, it wakes when something comes; elsewhere it is
/// to be looked for.
/// </summary>
internal sealed class TcpPeer : IPeer, ICompletionSink
{
    /// <summary>What came of late is likely to be followed by more at once; else it is looked for so often.</summary>
    private static readonly SimDuration Lively = SimDuration.FromMicroseconds(200);

    private static readonly SimDuration WhenQuiet = SimDuration.FromMilliseconds(1);
    private static readonly SimDuration WhenIdle = SimDuration.FromMilliseconds(100);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly PeerRequest _request;
    private readonly IPeerSink _sink;
    private readonly Attempt _attempt;
    private HostController? _controller;
    private TcpPeerQueue[] _queues = [];
    private Reactor? _reactor;
    private SimTime _now;
    private SimTime _active;

    public TcpPeer(SimTime now, PeerRequest request, IPEndPoint address, IPeerSink sink)
    {
        _request = request;
        _sink = sink;
        _now = now;
        _attempt = new Attempt(OptionsOf(request, address), request.IoQueues, this);
    }

    public PeerState State { get; private set; }

    public bool IsRefused { get; private set; }

    public string Problem { get; private set; } = "";

    public ushort ControllerId => _controller!.Id;

    public IPeerQueue Admin => _queues[0];

    public IReadOnlyList<IPeerQueue> IoQueues { get; private set; } = [];

    public SimTime NextEvent
    {
        get
        {
            if (State == PeerState.Connecting)
                return _now + WhenQuiet;
            bool isWaiting = false;
            foreach (TcpPeerQueue queue in _queues)
            {
                if (queue.IsDue)
                    return _now;
                isWaiting |= _reactor == null ? queue.Host.Outstanding > 0 : queue.Host.HasUnsent;
            }

            return !isWaiting ? _now + WhenIdle
                : _reactor == null && _now - _active < Lively ? _now
                : _now + WhenQuiet;
        }
    }

    public void Poll(SimTime now)
    {
        _now = now;
        if (State == PeerState.Connecting)
            TakeOver();
        foreach (TcpPeerQueue queue in _queues)
        {
            if (State != PeerState.Ready || !IsToPoll(queue))
                continue;
            if (queue.Poll() > 0)
                _active = now;
            if (!queue.Host.IsConnected)
                Lose(queue.Host.Failure!);
        }
    }

    /// <summary>What completes because the connection broke is not known to have been done or not: the state says so.</summary>
    public void Completed(HostQueue queue, int slot, in HostCompletion completion)
    {
        if (queue.IsConnected)
            _sink.Completed(_now, _queues[queue.QueueId], slot, new PeerCompletion(completion.Status, completion.Dw0, completion.Transferred));
    }

    public void Dispose()
    {
        foreach (TcpPeerQueue queue in _queues)
            _reactor?.Unwatch(queue);
        if (!_attempt.TryAbandon())
            _attempt.Result?.Dispose();
        State = PeerState.Lost;
    }

    /// <summary>A command went out: its completion is looked for.</summary>
    internal void Submitted(SimTime now) => _active = now;

    private bool IsToPoll(TcpPeerQueue queue) =>
        queue.IsDue
        || (_reactor != null ? queue.Host.HasUnsent : queue.Index != 0 || queue.Host.Outstanding > 0 || _now - _active >= WhenQuiet);

    private void TakeOver()
    {
        if (!_attempt.IsOver)
            return;
        if (_attempt.Result is not { } controller)
        {
            IsRefused = _attempt.IsRefused;
            Lose(_attempt.Problem);
            return;
        }

        _controller = controller;
        _queues =
        [
            new TcpPeerQueue(this, controller.Admin),
            .. controller.IoQueues.Select(queue => new TcpPeerQueue(this, queue)),
        ];
        IoQueues = _queues[1..];
        _active = _now;
        _reactor = Reactor.OfThisThread;
        foreach (TcpPeerQueue queue in _queues)
            _reactor?.Watch(queue);
        State = PeerState.Ready;
    }

    private void Lose(string problem)
    {
        Problem = problem;
        State = PeerState.Lost;
    }

    private static HostOptions OptionsOf(PeerRequest request, IPEndPoint address) => new()
    {
        EndPoint = address,
        SubsystemNqn = request.SubsystemNqn,
        HostNqn = request.HostNqn,
        HostId = request.HostId,
        KeepAliveTimeout = TimeSpan.FromMilliseconds(request.KeepAlive.Milliseconds),
        IoDepth = request.Depth,
        IoBufferBytes = request.CommandBytes,
        Timeout = ConnectTimeout,
        ResetsOnClose = true,
    };

    /// <summary>The thread that connects, and what becomes of it. Whoever is later, it or its owner, cleans up.</summary>
    private sealed class Attempt
    {
        private const int UnderWay = 0;
        private const int Over = 1;
        private const int Abandoned = 2;

        private int _state;

        public Attempt(HostOptions options, int ioQueues, ICompletionSink sink)
        {
            var thread = new Thread(() => Run(options, ioQueues, sink)) { Name = "peer connect", IsBackground = true };
            thread.Start();
        }

        public bool IsOver => Volatile.Read(ref _state) == Over;

        /// <summary>Null if it failed. Once it is over, like the others.</summary>
        public HostController? Result { get; private set; }

        public string Problem { get; private set; } = "";

        public bool IsRefused { get; private set; }

        /// <returns>False if it is over already, so that the result is the caller's.</returns>
        public bool TryAbandon() => Interlocked.CompareExchange(ref _state, Abandoned, UnderWay) != Over;

        private void Run(HostOptions options, int ioQueues, ICompletionSink sink)
        {
            try
            {
                Result = HostController.ConnectWithQueues(options, ioQueues, sink);
            }
            catch (HostCommandException e)
            {
                (Problem, IsRefused) = (e.Message, true);
            }
            catch (Exception e) when (e is HostConnectionException or TimeoutException or OutOfMemoryException)
            {
                Problem = e.Message;
            }

            if (Interlocked.CompareExchange(ref _state, Over, UnderWay) == Abandoned)
                Result?.Dispose();
        }
    }
}
