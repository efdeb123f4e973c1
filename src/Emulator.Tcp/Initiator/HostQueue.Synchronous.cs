using System.Diagnostics;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Calls that wait for a command, beside whatever else is outstanding; for tools and tests.</summary>
public sealed unsafe partial class HostQueue
{
    private const int SpinsBeforeSleep = 50;
    private const int MostWaitedFor = 64;

    /// <summary>
    /// Executes one command and waits for it. Data goes where the opcode says: out of <paramref name="data"/> or into it.
    /// </summary>
    /// <exception cref="TimeoutException">No completion in time; the slot is lost to the queue.</exception>
    /// <exception cref="InvalidOperationException">All slots are in use.</exception>
    public HostCompletion Execute(in SubmissionEntry entry, Span<byte> data = default)
    {
        int slot = Begin(entry, data);
        HostCompletion completion = Wait(slot, data);
        return completion;
    }

    /// <summary>Submits a command whose completion <see cref="Wait"/> picks up.</summary>
    public int Begin(in SubmissionEntry entry, ReadOnlySpan<byte> data = default)
    {
        int slot = AcquireAwaited(entry);
        if (DataDirections.Of(entry) == DataDirection.HostToController)
            data.CopyTo(Buffer(slot));
        Submit(slot, data.Length);
        Flush();
        return slot;
    }

    /// <summary>Whether the command of <see cref="Begin"/> has completed.</summary>
    public bool IsDone(int slot) => _slots[slot].State == HostSlotState.Held;

    /// <summary>Waits for a command begun with <see cref="Begin"/>, copies its data out and gives its slot back.</summary>
    public HostCompletion Wait(int slot, Span<byte> data = default)
    {
        WaitUntilDone(slot, _host.Timeout);
        HostCompletion completion = _slots[slot].Completion;
        if (_slots[slot].Direction == DataDirection.ControllerToHost)
            Buffer(slot)[..Math.Min(data.Length, completion.Transferred)].CopyTo(data);
        Release(slot);
        return completion;
    }

    /// <summary>Polls until nothing is outstanding, or the time is over.</summary>
    /// <returns>Whether nothing is outstanding.</returns>
    public bool Drain(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (Outstanding > 0)
        {
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                return false;
            if (Poll() == 0 && IsConnected)
                WaitForSocket(left);
        }

        return true;
    }

    /// <summary>Polls for the given time or until the connection is gone.</summary>
    /// <returns>Whether the connection is gone.</returns>
    public bool WaitForClose(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (IsConnected && Stopwatch.GetElapsedTime(start) < timeout)
        {
            if (Poll() == 0 && IsConnected)
                WaitForSocket(timeout - Stopwatch.GetElapsedTime(start));
        }

        return !IsConnected;
    }

    /// <summary>Sleeps until the controller says something or the time is over, and polls.</summary>
    public void WaitForNews(TimeSpan timeout)
    {
        if (Poll() == 0 && IsConnected)
            WaitForSocket(timeout);
        Poll();
    }

    /// <summary>Sleeps until a controller says something on any of several queues or the time is over, unless there is news already.</summary>
    /// <param name="queues">At most 64.</param>
    public static void WaitForNews(IReadOnlyList<HostQueue> queues, TimeSpan timeout)
    {
        PollDescriptor* descriptors = stackalloc PollDescriptor[MostWaitedFor];
        int count = 0;
        foreach (HostQueue queue in queues)
        {
            if (queue.Poll() > 0 || !queue.IsConnected)
                return;
            descriptors[count++] = queue.Waited;
        }

        _ = Libc.Poll(descriptors, (uint)count, Milliseconds(timeout));
    }

    private int AcquireAwaited(in SubmissionEntry entry)
    {
        if (!TryAcquire(out int slot))
            throw new InvalidOperationException($"all {Depth} slots of queue {QueueId} are in use");
        _slots[slot].IsAwaited = true;
        _slots[slot].Entry = entry;
        return slot;
    }

    private void WaitUntilDone(int slot, TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        for (int spins = 0; !IsDone(slot); spins++)
        {
            if (Poll() > 0 || spins < SpinsBeforeSleep)
                continue;
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                throw new TimeoutException($"no completion of opcode {_slots[slot].Entry.Opcode:X2}h on queue {QueueId}");
            WaitForSocket(left);
        }
    }

    /// <summary>Sleeps until the socket has something to do.</summary>
    private void WaitForSocket(TimeSpan timeout)
    {
        PollDescriptor descriptor = Waited;
        _ = Libc.Poll(&descriptor, 1, Milliseconds(timeout));
    }

    /// <summary>What the socket has to do.</summary>
    private PollDescriptor Waited
    {
        get
        {
            bool wantsToSend = _sendTail > _sendHead || _inPlaceLeft > 0 || _unsentCount > 0;
            return new PollDescriptor
            {
                FileDescriptor = _handle,
                Events = (short)(Libc.PollIn | (wantsToSend ? Libc.PollOut : 0)),
            };
        }
    }

    private static int Milliseconds(TimeSpan timeout) => (int)Math.Clamp(Math.Ceiling(timeout.TotalMilliseconds), 0, int.MaxValue);
}
