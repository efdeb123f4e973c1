using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// The commands of a scheme at a peer, of all namespaces. They wait while there is no connection, and what a lost one left
/// open is sent again with the next: no two of them that are under way write the same blocks, so that it does no harm to
/// do one twice. Those of hosts go before those of the copy, of which few are sent before others are complete (<see cref="CopyWindow"/>).
/// </summary>
internal sealed class PeerCommands
{
    /// <summary>Refusals in a row, that may pass, before they are taken for final.</summary>
    private const int MostRetries = 200;

    private static readonly SimDuration RetryDelay = SimDuration.FromMilliseconds(10);

    private readonly Queue<PeerCommand> _ofHosts = new();
    private readonly Queue<PeerCommand> _ofCopy = new();
    private readonly Queue<PeerCommand> _failed = new();
    private readonly int _copyBytes;
    private CopyWindow _window;
    private IPeer? _peer;
    private SentCommand?[][] _slots = [];
    private int _nextQueue;
    private int _retries;
    private SimTime _notBefore = SimTime.Never;
    private bool _isClosed;

    /// <param name="commandBytes">Bytes of the buffer of a command.</param>
    /// <param name="copyBytes">Bytes of a command of the copy, at most.</param>
    public PeerCommands(int commandBytes, int copyBytes)
    {
        (CommandBytes, _copyBytes) = (commandBytes, copyBytes);
        _window = new CopyWindow(copyBytes);
    }

    private readonly record struct SentCommand(PeerCommand Command, SimTime At, long CopyUnderWay);

    /// <summary>Bytes that a command may carry.</summary>
    public int CommandBytes { get; private set; }

    /// <summary>Commands that hosts wait for are at the peer.</summary>
    public int OfHostsUnderWay { get; private set; }

    /// <summary>A command of the copy waits for those before it.</summary>
    public bool HasCopyWaiting => _ofCopy.Count > 0;

    public CopyCounters Counters => _counters;

    private CopyCounters _counters;

    /// <summary>The status with which the peer refused a command for good; success while it has not.</summary>
    public Status Refusal { get; private set; }

    public SimTime NextEvent => _failed.Count > 0 ? SimTime.Zero : _notBefore;

    /// <summary>Goes on with a peer that is ready.</summary>
    /// <param name="mostBytes">The longest transfer that it takes.</param>
    public void Attach(SimTime now, IPeer peer, int mostBytes)
    {
        Check.That(_peer == null);
        CommandBytes = Math.Min(CommandBytes, mostBytes);
        _window = new CopyWindow(Math.Min(CommandBytes, _copyBytes));
        _peer = peer;
        _slots = [.. peer.IoQueues.Select(queue => new SentCommand?[queue.Depth])];
        _nextQueue = _retries = 0;
        _notBefore = SimTime.Never;
        SendWaiting(now);
    }

    /// <summary>The peer is lost: what was under way is sent again.</summary>
    public void Detach()
    {
        foreach (SentCommand?[] slots in _slots)
        {
            foreach (SentCommand? sent in slots)
            {
                if (sent is not { Command: var open })
                    continue;
                _counters.BytesRepeated += (ulong)open.Range.Blocks << open.Device.BlockShift;
                Add(open);
            }
        }

        _peer = null;
        _slots = [];
        OfHostsUnderWay = 0;
    }

    /// <summary>There is no destination any more: everything that waits, or comes yet, fails with the next advance.</summary>
    public void Close()
    {
        Detach();
        _isClosed = true;
        while (_ofHosts.TryDequeue(out PeerCommand command) || _ofCopy.TryDequeue(out command))
            _failed.Enqueue(command);
    }

    public void Add(PeerCommand command)
    {
        Queue<PeerCommand> queue = _isClosed ? _failed : command.IsOfHost ? _ofHosts : _ofCopy;
        queue.Enqueue(command);
    }

    /// <summary>Reports what cannot be done, and tries again what was refused for the moment.</summary>
    public void Advance(SimTime now)
    {
        for (int count = _failed.Count; count > 0; count--)
        {
            PeerCommand failed = _failed.Dequeue();
            failed.Device.Completed(now, failed.Operation, isSuccess: false);
        }

        SendWaiting(now);
    }

    /// <summary>Sends as much as the peer has slots for.</summary>
    public void SendWaiting(SimTime now)
    {
        if (_notBefore <= now)
            _notBefore = SimTime.Never;
        if (_peer == null || _notBefore != SimTime.Never || !Refusal.IsSuccess)
            return;
        while ((_ofHosts.Count > 0 || MaySendCopy) && TryAcquire(out IPeerQueue queue, out int slot))
            Send(now, queue, slot, _ofHosts.Count > 0 ? _ofHosts.Dequeue() : _ofCopy.Dequeue());
    }

    /// <summary>The peer completed a command on one of its I/O queues.</summary>
    public void Completed(SimTime now, IPeerQueue queue, int slot, PeerCompletion completion)
    {
        Check.That(_slots[queue.Index - 1][slot] is not null);
        (PeerCommand command, SimTime sentAt, long copyUnderWay) = _slots[queue.Index - 1][slot]!.Value;
        _slots[queue.Index - 1][slot] = null;
        if (command.IsOfHost)
            OfHostsUnderWay--;
        else
            _window.Completed(now, sentAt, command.Data.Length, copyUnderWay);
        Status status = completion.Status;
        if (status.IsSuccess && command.Kind == PeerCommandKind.Read)
        {
            if (completion.Transferred < command.Data.Length)
                status = Status.DataTransferError;
            else
                queue.Buffer(slot)[..command.Data.Length].CopyTo(command.Data.Span);
        }

        queue.Release(slot);
        _counters.Commands++;
        if (status.IsSuccess)
            Done(now, command);
        else
            Refused(now, command, status);
        SendWaiting(now);
    }

    private bool MaySendCopy => _ofCopy.TryPeek(out PeerCommand command) && _window.HasRoomFor(command.Data.Length);

    private void Done(SimTime now, in PeerCommand command)
    {
        _retries = 0;
        ulong bytes = (ulong)command.Range.Blocks << command.Device.BlockShift;
        switch (command.Kind)
        {
            case PeerCommandKind.Write:
                _counters.BytesSent += bytes;
                _counters.BytesWritten += bytes;
                break;
            case PeerCommandKind.Zero:
                _counters.BytesZeroed += bytes;
                break;
            case PeerCommandKind.MarkUncorrectable:
                _counters.BlocksUnreadable += command.Range.Blocks;
                break;
            case PeerCommandKind.Flush:
                _counters.Flushes++;
                break;
        }

        command.Device.Completed(now, command.Operation, isSuccess: true);
    }

    /// <summary>What may pass is tried again; anything else is the end of the migration, and the command waits for that.</summary>
    private void Refused(SimTime now, in PeerCommand command, Status status)
    {
        Add(command);
        if (status.DoNotRetry || ++_retries > MostRetries)
            Refusal = status;
        else
            _notBefore = now + RetryDelay;
    }

    private void Send(SimTime now, IPeerQueue queue, int slot, in PeerCommand command)
    {
        if (command.IsOfHost)
            OfHostsUnderWay++;
        else
            _window.Sent(command.Data.Length);
        _slots[queue.Index - 1][slot] = new SentCommand(command, now, _window.UnderWay);
        queue.Entry(slot) = command.ToEntry();
        if (command.Kind == PeerCommandKind.Write)
            command.Data.Span.CopyTo(queue.Buffer(slot));
        queue.Submit(now, slot, command.Data.Length);
    }

    private bool TryAcquire(out IPeerQueue queue, out int slot)
    {
        IReadOnlyList<IPeerQueue> queues = _peer!.IoQueues;
        for (int i = 0; i < queues.Count; i++)
        {
            queue = queues[_nextQueue];
            _nextQueue = _nextQueue + 1 == queues.Count ? 0 : _nextQueue + 1;
            if (queue.TryAcquire(out slot))
                return true;
        }

        (queue, slot) = (queues[0], -1);
        return false;
    }
}
