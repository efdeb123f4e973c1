using System.Diagnostics;
using Emulator.Core;
using Emulator.Device;

namespace Emulator.Tcp;

/// <summary>What the kernel tells the reactor: readiness, new connections, and being woken.</summary>
internal sealed unsafe partial class Reactor
{
    /// <summary>How often limits of time on connections are looked at; they are seconds long.</summary>
    private static readonly SimDuration DeadlineCheckInterval = SimDuration.FromMilliseconds(100);

    /// <summary>
    /// A completion that is due sooner is waited for awake: the kernel waits in milliseconds, and waking up takes it a
    /// tenth of one.
    /// </summary>
    private static readonly SimDuration WaitAwake = SimDuration.FromMicroseconds(1_200);

    private Libc.EpollEvent* Events => (Libc.EpollEvent*)_events.Pointer;

    /// <summary>The kernel may be that late by itself, so that a shorter wait is not slept through.</summary>
    private static readonly SimDuration ShortestSleep = SimDuration.FromMicroseconds(50);

    /// <summary>From here on it is waited in whole milliseconds.</summary>
    private static readonly SimDuration LongSleep = SimDuration.FromMilliseconds(10);

    /// <returns>Whether something has happened.</returns>
    private bool Sleep()
    {
        SimTime next = _nextDeadlineCheck;
        foreach (ISubsystem subsystem in _subsystems)
            next = SimTime.Min(next, subsystem.NextEvent);
        if (_deferred.NextDue != SimTime.Never)
        {
            if (_deferred.NextDue - Now < WaitAwake)
                return false;
            next = SimTime.Min(next, _deferred.NextDue - WaitAwake);
        }

        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - _connectionBytes;

        if ((next != SimTime.Never && next - Now < ShortestSleep) || !_posted.IsEmpty)
            return false;
        int count = next != SimTime.Never && next - Now < LongSleep ? WaitShort(next - Now) : WaitLong(next);
        Now = ReadClock();
        HandleEvents(count);
        return count > 0;
    }

    private int WaitShort(SimDuration duration)
    {
        var epoll = new PollDescriptor { FileDescriptor = _epoll, Events = Libc.PollIn };
        var timeout = new Libc.TimeSpecification { Nanoseconds = (nint)duration.Nanoseconds };
        return Libc.PollFor(&epoll, 1, &timeout, null) > 0 ? Libc.EpollPoll(_epoll, Events, EventsPerCall, 0) : 0;
    }

    private int WaitLong(SimTime until)
    {
        // Rounded up, so that the deadline has passed when the wait ends.
        long milliseconds = until == SimTime.Never ? -1 : ((until - Now).Nanoseconds + 999_999) / 1_000_000;
        return Libc.EpollWait(_epoll, Events, EventsPerCall, (int)Math.Min(milliseconds, int.MaxValue));
    }

    private bool HandleEvents(int count)
    {
        bool active = false;
        for (int i = 0; i < count; i++)
        {
            ulong token = Events[i].Data;
            if (token < WakeToken)
                active |= HandleConnectionEvent(_connections[token]);
            else if (token == WakeToken)
                TakeWake();
            else if (token >= FirstWatchedToken)
                active |= HandleWatchedEvent((int)(token - FirstWatchedToken));
            else
                AcceptAll(_listeners[token - FirstListenerToken]);
        }

        return active;
    }

    private bool HandleConnectionEvent(TargetConnection? connection)
    {
        if (connection == null)
            return false;
        if (connection.IsBlocked)
            connection.Flush(Now);
        return PollConnection(connection);
    }

    private void AcceptAll(Listener listener)
    {
        while (listener.TryAccept(out int fd, out string peer))
        {
            int index = _connectionCount < _connections.Length ? Array.IndexOf(_connections, null) : -1;
            if (index < 0)
            {
                _ = Libc.Close(fd);
                Observer.ConnectionClosed(peer, null, "too many connections");
                continue;
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread();
            var connection = new TargetConnection(this, fd, peer, Now);
            CountConnectionBytes(allocated);
            _connections[index] = connection;
            _connectionCount++;
            _nextDeadlineCheck = SimTime.Min(_nextDeadlineCheck, Now + DeadlineCheckInterval);
            Watch(fd, (ulong)index, Libc.EpollCtlAdd, Libc.EpollIn);
            PollConnection(connection);
        }
    }

    private void CheckDeadlines()
    {
        bool any = false;
        foreach (TargetConnection? connection in _connections)
        {
            connection?.CheckDeadline(Now);
            any |= connection is { IsClosed: false } && connection.Deadline != SimTime.Never;
        }

        _nextDeadlineCheck = any ? Now + DeadlineCheckInterval : SimTime.Never;
    }

    /// <summary>A connection has a limit of time now; the checks begin again.</summary>
    public void HasDeadline() =>
        _nextDeadlineCheck = SimTime.Min(_nextDeadlineCheck, Now + DeadlineCheckInterval);

    private void CloseAll()
    {
        foreach (TargetConnection? connection in _connections)
            connection?.Abandon(Now, "target stopped");
        DisposeForgotten();
    }

    private void DisposeForgotten()
    {
        foreach (TargetConnection connection in _forgotten)
        {
            _waitForBuffer.Remove(connection);
            int hot = _hot.IndexOf(connection);
            if (hot >= 0)
                Cool(hot);
            connection.Dispose();
        }

        _forgotten.Clear();
    }

    private void Watch(int fd, ulong token, int operation, int events)
    {
        var change = new Libc.EpollEvent { Events = (uint)events, Data = token };
        int result = Libc.EpollControl(_epoll, operation, fd, &change);
        Debug.Assert(result == 0, "epoll_ctl");
    }

    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(_wake, &one, sizeof(ulong));
    }

    private void TakeWake()
    {
        ulong count;
        _ = Libc.Read(_wake, &count, sizeof(ulong));
    }
}
