using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Device;

namespace Emulator.Tcp;

/// <summary>
/// The thread that owns drives and their connections. While there is something to do it polls: connections that were
/// active of late are read without asking the kernel which are ready. When nothing has happened for a while it sleeps in
/// epoll until a byte arrives or a deadline comes. How long it polls in vain before is learnt (<see cref="SpinTime"/>).
/// </summary>
internal sealed unsafe partial class Reactor : IDisposable
{
    /// <summary>With more connections than this it is cheaper to ask which are ready than to try them all.</summary>
    private const int MostPolledDirectly = 8;

    /// <summary>Rounds between two looks at connections that are not polled directly.</summary>
    private const int RoundsPerEventCheck = 16;

    private const int EventsPerCall = 64;
    private const long BufferBytesPerClass = 512L << 20;
    private const int MostDeferred = 64 * 1024;

    private readonly ISubsystem[] _subsystems;
    private readonly Listener[] _listeners;
    private readonly TargetConnection?[] _connections;
    private readonly List<TargetConnection> _hot = [];
    private readonly List<TargetConnection> _needFlush = [];
    private readonly List<TargetConnection> _needPoll = [];
    private readonly List<TargetConnection> _waitForBuffer = [];
    private readonly List<TargetConnection> _forgotten = [];
    private readonly EventQueue<(TargetConnection Connection, ushort Slot)> _deferred = new(MostDeferred);
    private readonly ConcurrentQueue<Action<SimTime>> _posted = new();
    private readonly NativeMemoryBlock _events = new(EventsPerCall * sizeof(Libc.EpollEvent));
    private readonly SpinTime _spin;
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly int _epoll;
    private readonly int _wake;
    private int _connectionCount;
    private long _connectionBytes;
    private SimTime _nextDeadlineCheck = SimTime.Zero;
    private volatile bool _stopping;

    public Reactor(TargetOptions options, Listener[] listeners, ITargetObserver observer)
    {
        // Binding a call of the C library allocates: here, not at the first command that makes it.
        Marshal.PrelinkAll(typeof(Libc));
        Options = options;
        Observer = observer;
        _listeners = listeners;
        _subsystems = [.. options.Subsystems];
        _connections = new TargetConnection?[options.MaxConnections];
        _spin = new SpinTime(new SimDuration((long)(options.SpinTime.TotalMicroseconds * 1000)));
        InCapsuleDataBytes = _subsystems.Max(subsystem => subsystem.InCapsuleDataBytes);
        Buffers = new BufferPool(_subsystems.Max(subsystem => subsystem.MaxTransferBytes), BufferBytesPerClass);
        _epoll = Libc.EpollCreate(Libc.SockCloseOnExec);
        _wake = Libc.EventFd(0, Libc.SockNonBlock | Libc.SockCloseOnExec);
        Watch(_wake, WakeToken, Libc.EpollCtlAdd, Libc.EpollIn);
        for (int i = 0; i < listeners.Length; i++)
            Watch(listeners[i].FileDescriptor, FirstListenerToken + (ulong)i, Libc.EpollCtlAdd, Libc.EpollIn);
    }

    private const ulong WakeToken = 1UL << 32;
    private const ulong FirstListenerToken = 2UL << 32;

    public TargetOptions Options { get; }

    public ITargetObserver Observer { get; }

    public BufferPool Buffers { get; }

    /// <summary>The longest in-capsule data of any subsystem, in bytes.</summary>
    public int InCapsuleDataBytes { get; }

    /// <summary>The time of the current round, in nanoseconds since the reactor was built.</summary>
    public SimTime Now { get; private set; }

    /// <summary>
    /// Bytes that the reactor's thread has allocated on the managed heap to execute commands, as of when it last was idle:
    /// without what connections are made of.
    /// </summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Runs until <see cref="Stop"/>; then closes every connection.</summary>
    public void Run()
    {
        OfThisThread = this;
        for (int round = 0; !_stopping; round++)
        {
            Now = ReadClock();
            if (RunRound(round))
                _spin.Active(Now);
            else if (_spin.IsOver(Now) && Sleep())
                _spin.Woken(Now);
        }

        OfThisThread = null;
        Now = ReadClock();
        CloseAll();
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - _connectionBytes;
    }

    public void Stop()
    {
        _stopping = true;
        Wake();
    }

    /// <summary>Has something done on the reactor's thread, between two commands.</summary>
    public void Post(Action<SimTime> action)
    {
        _posted.Enqueue(action);
        Wake();
    }

    public ISubsystem? FindSubsystem(string nqn)
    {
        foreach (ISubsystem subsystem in _subsystems)
        {
            if (subsystem.Nqn == nqn)
                return subsystem;
        }

        return null;
    }

    public void Defer(TargetConnection connection, ushort slot, SimTime due) => _deferred.Add(due, (connection, slot));

    public void NeedsFlush(TargetConnection connection) => _needFlush.Add(connection);

    public void NeedsPoll(TargetConnection connection) => _needPoll.Add(connection);

    public void WaitsForBuffer(TargetConnection connection)
    {
        if (!_waitForBuffer.Contains(connection))
            _waitForBuffer.Add(connection);
    }

    public void WatchOutput(TargetConnection connection, bool watch) => Watch(
        connection.FileDescriptor,
        (ulong)Array.IndexOf(_connections, connection),
        Libc.EpollCtlModify,
        watch ? Libc.EpollIn | Libc.EpollOut : Libc.EpollIn);

    /// <summary>The connection is closed: its descriptor goes now, the rest when no call of it is on the stack.</summary>
    public void Forget(TargetConnection connection)
    {
        _connections[Array.IndexOf(_connections, connection)] = null;
        _connectionCount--;
        _ = Libc.Close(connection.FileDescriptor);
        _forgotten.Add(connection);
    }

    public void Dispose()
    {
        _ = Libc.Close(_epoll);
        _ = Libc.Close(_wake);
        Buffers.Dispose();
        _events.Dispose();
    }

    /// <summary>What this thread has allocated since <paramref name="before"/> went into a connection, not into commands.</summary>
    /// <param name="before"><see cref="GC.GetAllocatedBytesForCurrentThread"/> at the beginning.</param>
    public void CountConnectionBytes(long before) =>
        _connectionBytes += GC.GetAllocatedBytesForCurrentThread() - before;

    private bool RunRound(int round)
    {
        bool active = false;
        bool askKernel = _hot.Count is 0 or > MostPolledDirectly || _watchedCount > 0 || round % RoundsPerEventCheck == 0;
        if (askKernel)
            active = HandleEvents(Libc.EpollPoll(_epoll, Events, EventsPerCall, 0));
        if (_hot.Count <= MostPolledDirectly)
            active |= PollHot();

        active |= DeliverDue();
        AdvanceSubsystems();
        DrainLists();
        return active;
    }

    private bool PollHot()
    {
        bool active = false;
        for (int i = _hot.Count - 1; i >= 0; i--)
        {
            TargetConnection connection = _hot[i];
            if (PollConnection(connection))
                active = true;
            else if (connection.IsClosed || Now - connection.LastActive > _spin.Most)
                Cool(i);
        }

        return active;
    }

    private bool PollConnection(TargetConnection connection)
    {
        try
        {
            if (!connection.Poll(Now))
                return false;
        }
        catch (FirmwareFaultException fault)
        {
            StopFaulted(connection, fault);
            return true;
        }

        connection.LastActive = Now;
        if (!connection.IsHot && !connection.IsClosed)
        {
            connection.IsHot = true;
            _hot.Add(connection);
        }

        return true;
    }

    private void Cool(int index)
    {
        _hot[index].IsHot = false;
        _hot.RemoveAt(index);
    }

    private bool DeliverDue()
    {
        bool any = false;
        while (_deferred.TryTake(Now, out (TargetConnection Connection, ushort Slot) due))
        {
            due.Connection.CompleteDeferred(due.Slot);
            any = true;
        }

        return any;
    }

    private void AdvanceSubsystems()
    {
        foreach (ISubsystem subsystem in _subsystems)
        {
            if (Now >= subsystem.NextEvent)
                subsystem.Advance(Now);
        }
    }

    private void DrainLists()
    {
        if (_needPoll.Count > 0)
            Drain(_needPoll, static (reactor, connection) => reactor.PollConnection(connection));
        if (_waitForBuffer.Count > 0)
            Drain(_waitForBuffer, static (reactor, connection) => connection.Poll(reactor.Now));
        if (_needFlush.Count > 0)
            Drain(_needFlush, static (reactor, connection) => connection.Flush(reactor.Now));
        if (_forgotten.Count > 0)
            DisposeForgotten();
        if (Now >= _nextDeadlineCheck)
            CheckDeadlines();
        while (_posted.TryDequeue(out Action<SimTime>? action))
            action(Now);
    }

    /// <summary>What a call adds to a list while it is drained is left for the next round.</summary>
    private void Drain(List<TargetConnection> list, Action<Reactor, TargetConnection> handle)
    {
        int count = list.Count;
        for (int i = 0; i < count; i++)
            handle(this, list[i]);
        list.RemoveRange(0, count);
    }

    private void StopFaulted(TargetConnection connection, FirmwareFaultException fault)
    {
        ISubsystem? subsystem = connection.Subsystem;
        Observer.FirmwareFault(subsystem?.Nqn ?? "none", fault);
        subsystem?.Fault(Now);
        connection.Abandon(Now, "firmware fault");
    }

    private SimTime ReadClock() => new(Stopwatch.GetElapsedTime(_origin).Ticks * 100);
}
