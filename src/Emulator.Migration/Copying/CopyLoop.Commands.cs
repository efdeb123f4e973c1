using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>The commands at the peer: reading what they carry, sending them, and what becomes of them.</summary>
public sealed partial class CopyLoop
{
    /// <summary>Refusals in a row, that may pass, before they are taken for final.</summary>
    private const int MostRetries = 200;

    private const int PageBytes = 4096;

    /// <summary>Bytes of blocks that one command is about, however small they are as stored.</summary>
    private const int MostStoredBytes = 1 << 20;

    private static readonly SimDuration RetryDelay = SimDuration.FromMilliseconds(10);

    private IPeer? _peer;
    private CopySlot[][] _slots = [];
    private EventQueue<(int Queue, int Slot)> _reading = new(1);
    private int _nextQueue;
    private int _commandBytes;
    private bool _isPeerVolatile;
    private long _bytesInFlight;
    private int _retries;

    /// <summary>When it may go on after a refusal; never while there was none.</summary>
    private SimTime _notBefore = SimTime.Never;

    private enum CopyCommand : byte
    {
        None,
        Write,
        WriteStored,
        Zero,
        MarkUncorrectable,
        Flush,
    }

    /// <summary>What the command in a slot of the peer is about.</summary>
    private struct CopySlot
    {
        public CopySet Set;
        public ulong Start;
        public uint Blocks;
        public int Length;
        public CopyCommand Command;
    }

    /// <summary>Reads of the sources that the medium is at.</summary>
    public int ReadsUnderWay => _reading.Count;

    /// <summary>When the next data is there to be sent, or a command that was refused may be tried again.</summary>
    public SimTime NextEvent => SimTime.Min(_reading.NextDue, _notBefore);

    /// <summary>Goes on with a peer that is ready.</summary>
    /// <param name="mostBytes">The longest transfer that it takes.</param>
    /// <param name="isVolatile">It may lose what it acknowledged until it is asked to flush it.</param>
    public void Attach(IPeer peer, int mostBytes, bool isVolatile)
    {
        Check.That(_peer == null);
        _peer = peer;
        _commandBytes = Math.Min(_options.CommandBytes, mostBytes);
        _isPeerVolatile = isVolatile;
        _slots = [.. peer.IoQueues.Select(queue => new CopySlot[queue.Depth])];
        _reading = new EventQueue<(int, int)>(_slots.Sum(slots => slots.Length));
        _nextQueue = 0;
        _retries = 0;
        _notBefore = SimTime.Never;
    }

    /// <summary>
    /// The peer is lost, or is no longer to be used. What it may not have, and what it may lose, is to do again.
    /// </summary>
    public void Detach()
    {
        if (_peer == null)
            return;
        long again = 0;
        foreach (CopySlot[] slots in _slots)
        {
            foreach (CopySlot slot in slots)
            {
                if (slot.Command is not (CopyCommand.None or CopyCommand.Flush))
                    again += slot.Set.Add(slot.Start, slot.Blocks);
            }
        }

        foreach (CopySet set in _sets)
            again += set.TakeBack();
        ReturnExtent();
        _counters.BytesRepeated += (ulong)again << _granuleShift;
        _peer = null;
        _slots = [];
        _reading.Clear();
        InFlight = 0;
        _bytesInFlight = 0;
    }

    /// <summary>Begins one more command, if there is anything to do and a slot is free.</summary>
    /// <param name="mostBytes">The command carries no more than this, but at least a block.</param>
    /// <returns>Bytes that it carries, 1 if it carries none; 0 if no command was begun.</returns>
    public int TryStep(SimTime now, int mostBytes)
    {
        if (!MayGoOn(now) || !TryTakeExtent())
            return 0;
        if (!TryAcquire(out IPeerQueue queue, out int slot))
            return 0;

        CopySet set = _extent.Set!;
        int shift = set.Source.BlockShift;
        ulong left = _extent.End - _extent.Next;
        if (_extent.ReadsAsZero)
        {
            uint blocks = (uint)Math.Min(left, MostBlocks);
            Begin(queue, slot, CopyCommand.Zero, set, blocks, 0);
            SubmitRange(now, queue, slot);
            return 1;
        }

        bool isSingle = _extent.Next < _extent.SinglyUntil;
        if (_options.IsStored && !isSingle)
            return BeginReadStored(now, queue, slot, set, mostBytes);
        uint most = isSingle ? 1 : (uint)Math.Max(1, Math.Min(_commandBytes, mostBytes) >> shift);
        return BeginRead(now, queue, slot, set, (uint)Math.Min(left, Math.Min(most, MostBlocks)));
    }

    /// <summary>Sends what has been read.</summary>
    public void SendWhatIsRead(SimTime now)
    {
        while (_reading.TryTake(now, out (int Queue, int Slot) read))
            SubmitRange(now, _peer!.IoQueues[read.Queue], read.Slot);
    }

    /// <summary>Has the peer make durable what landed, if it is time to: when enough did, or nothing else is left.</summary>
    public void FlushIfDue(SimTime now)
    {
        if (!MayGoOn(now))
            return;
        bool isDue = IsDrained;
        foreach (CopySet set in _sets)
        {
            if (!set.HasLanded || set.IsFlushing)
                continue;
            if (!_isPeerVolatile)
                set.ForgetLanded();
            else if ((isDue || set.Volatile << _granuleShift >= _options.FlushBytes) && TryAcquire(out IPeerQueue queue, out int slot))
                SendFlush(now, queue, slot, set);
        }
    }

    /// <summary>The peer completed a command on one of its I/O queues.</summary>
    public void Completed(SimTime now, IPeerQueue queue, int slot, PeerCompletion completion)
    {
        ref CopySlot copied = ref _slots[queue.Index - 1][slot];
        CopySlot done = copied;
        copied = default;
        queue.Release(slot);
        Check.That(done.Command != CopyCommand.None);
        _counters.Commands++;
        if (done.Command == CopyCommand.Flush)
        {
            done.Set.EndFlush(completion.Status.IsSuccess);
            _counters.Flushes++;
        }
        else
        {
            EndRange(done, completion.Status.IsSuccess);
        }

        if (completion.Status.IsSuccess)
            _retries = 0;
        else if (completion.Status.DoNotRetry || ++_retries > MostRetries)
            Refusal = completion.Status;
        else
            _notBefore = now + RetryDelay;
    }

    private bool MayGoOn(SimTime now)
    {
        if (now >= _notBefore)
            _notBefore = SimTime.Never;
        return _peer != null && _notBefore == SimTime.Never && Refusal.IsSuccess;
    }

    private void EndRange(in CopySlot done, bool isSuccess)
    {
        InFlight--;
        _bytesInFlight -= (long)done.Blocks << done.Set.Source.BlockShift;
        if (!isSuccess)
        {
            done.Set.Add(done.Start, done.Blocks);
            return;
        }

        done.Set.Land(done.Start, done.Blocks);
        ulong bytes = (ulong)done.Blocks << done.Set.Source.BlockShift;
        if (done.Command is CopyCommand.Write or CopyCommand.WriteStored)
        {
            _counters.BytesSent += (uint)done.Length;
            _counters.BytesWritten += bytes;
        }
        else if (done.Command == CopyCommand.Zero)
            _counters.BytesZeroed += bytes;
        else
            _counters.BlocksUnreadable += done.Blocks;
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

    /// <returns>Bytes that are read, or 1 when a block cannot be read.</returns>
    private int BeginRead(SimTime now, IPeerQueue queue, int slot, CopySet set, uint blocks)
    {
        int length = (int)blocks << set.Source.BlockShift;
        CopyRead read = set.Source.Read(now, _extent.Next, blocks, queue.Buffer(slot)[..length]);
        if (!read.IsSuccess && blocks > 1)
        {
            queue.Release(slot);
            _extent.SinglyUntil = _extent.Next + blocks;
            return 1;
        }

        Begin(queue, slot, read.IsSuccess ? CopyCommand.Write : CopyCommand.MarkUncorrectable, set, blocks, read.IsSuccess ? length : 0);
        SubmitWhenRead(now, read.Done, queue, slot);
        return length;
    }

    /// <returns>Bytes that are sent, or 1 when a page cannot be sent as it is stored: then its blocks are sent one by one.</returns>
    private int BeginReadStored(SimTime now, IPeerQueue queue, int slot, CopySet set, int mostBytes)
    {
        int room = Math.Min(_commandBytes, Math.Max(mostBytes, VendorCommandSet.LeastStoredPagesBytes));
        var most = (uint)Math.Min(_extent.End - _extent.Next, (ulong)MostStoredBytes >> set.Source.BlockShift);
        StoredRead read = set.Source.ReadStored(now, _extent.Next, most, queue.Buffer(slot)[..room]);
        if (read.Blocks == 0)
        {
            queue.Release(slot);
            ulong blocksOfPage = Math.Max(1, (ulong)PageBytes >> set.Source.BlockShift);
            _extent.SinglyUntil = _extent.Next + blocksOfPage;
            return 1;
        }

        Begin(queue, slot, CopyCommand.WriteStored, set, read.Blocks, read.Length);
        SubmitWhenRead(now, read.Done, queue, slot);
        return read.Length;
    }

    private void SubmitWhenRead(SimTime now, SimTime readDone, IPeerQueue queue, int slot)
    {
        if (readDone <= now)
            SubmitRange(now, queue, slot);
        else
            _reading.Add(readDone, (queue.Index - 1, slot));
    }

    /// <summary>A command takes the next blocks of the run at hand.</summary>
    private void Begin(IPeerQueue queue, int slot, CopyCommand command, CopySet set, uint blocks, int length)
    {
        _slots[queue.Index - 1][slot] = new CopySlot { Set = set, Start = _extent.Next, Blocks = blocks, Length = length, Command = command };
        InFlight++;
        _bytesInFlight += (long)blocks << set.Source.BlockShift;
        _extent.Next += blocks;
        if (_extent.Next == _extent.End)
            _extent = default;
    }

    private void SubmitRange(SimTime now, IPeerQueue queue, int slot)
    {
        ref CopySlot copied = ref _slots[queue.Index - 1][slot];
        if (copied.Command == CopyCommand.WriteStored)
        {
            SubmitStored(now, queue, slot, copied);
            return;
        }

        (IoOpcode opcode, uint flags) = copied.Command switch
        {
            CopyCommand.Zero => (IoOpcode.WriteZeroes, NvmCommandFields.Deac),
            CopyCommand.MarkUncorrectable => (IoOpcode.WriteUncorrectable, 0u),
            _ => (IoOpcode.Write, 0u),
        };
        queue.Entry(slot) = new SubmissionEntry
        {
            Opcode = (byte)opcode,
            Nsid = copied.Set.Source.Nsid,
            Cdw10And11 = copied.Start,
            Cdw12 = (copied.Blocks - 1) | flags,
        };
        queue.Submit(now, slot, copied.Length);
    }

    private static void SubmitStored(SimTime now, IPeerQueue queue, int slot, in CopySlot copied)
    {
        int shift = copied.Set.Source.BlockShift;
        ulong end = (copied.Start + copied.Blocks) << shift;
        ulong first = (copied.Start << shift) / PageBytes;
        queue.Entry(slot) = new SubmissionEntry
        {
            Opcode = (byte)IoOpcode.WriteStoredPages,
            Nsid = copied.Set.Source.Nsid,
            Cdw10And11 = first,
            Cdw12 = (uint)(((end - 1) / PageBytes) + 1 - first),
        };
        queue.Submit(now, slot, copied.Length);
    }

    private void SendFlush(SimTime now, IPeerQueue queue, int slot, CopySet set)
    {
        _slots[queue.Index - 1][slot] = new CopySlot { Set = set, Command = CopyCommand.Flush };
        set.BeginFlush();
        queue.Entry(slot) = new SubmissionEntry { Opcode = (byte)IoOpcode.Flush, Nsid = set.Source.Nsid };
        queue.Submit(now, slot, 0);
    }
}
