using Emulator.Core;

namespace Emulator.Migration;

/// <summary>Requests of the VM, from their arrival until both sides have done with them.</summary>
public sealed partial class SchemeRun
{
    private readonly Pending[] _requests;
    private readonly Stack<int> _freeRequests = new();

    /// <summary>Requests that are under way or delayed, in no order.</summary>
    private readonly int[] _active;

    /// <summary>Requests that wait for others or for blocks that are being copied, in the order of their arrival.</summary>
    private readonly List<int> _waiting = [];

    /// <summary>Writes that look again whether they may be issued.</summary>
    private readonly EventQueue<int> _timers;

    private readonly Stack<byte[]> _freeData = new();
    private Part[] _parts = new Part[256];
    private readonly Stack<int> _freeParts = new();
    private int _partCount;
    private int _activeCount;
    private int _pendingWrites;
    private long _sequence;

    /// <summary>Of writes to both sides the side at which they are pending; none for either.</summary>
    private readonly Sides _countedSide;

    /// <summary>A request of the VM.</summary>
    private struct Pending
    {
        public BlockRequest Asked;
        public Memory<byte> Data;
        public byte[]? OwnData;
        public long Sequence;
        public int Request;

        /// <summary>Place in the list of those under way.</summary>
        public int ActiveIndex;

        /// <summary>Commands at the devices.</summary>
        public int Commands;

        /// <summary>Parts that the VM waits for.</summary>
        public int Unanswered;

        public bool IsAnswered;
        public bool HasFailed;

        /// <summary>The destination failed where only it was asked: the source is to be asked once it has everything.</summary>
        public bool IsToRepeat;

        /// <summary>It is counted among the writes that are pending.</summary>
        public bool IsPendingWrite;

        /// <summary>Commands at the side that is counted.</summary>
        public int CountedCommands;
    }

    /// <summary>Blocks of a request that go the same way.</summary>
    private struct Part
    {
        public int Slot;
        public ulong StartLba;
        public uint Blocks;
        public Sides Issued;
        public Sides Outstanding;
        public Sides Succeeded;
        public bool IsAnswered;
        public bool NotesWritten;
    }

    /// <summary>Takes a request of the VM.</summary>
    /// <param name="request">The caller's number for it, which comes back to the sink.</param>
    /// <param name="asked">Blocks within the source.</param>
    /// <param name="data">Left alone until the sink hears of it; empty where contents do not matter.</param>
    /// <returns>False if too many are known already.</returns>
    public bool TrySubmit(SimTime now, int request, in BlockRequest asked, Memory<byte> data)
    {
        Check.That(Phase is not (SchemePhase.Finishing or SchemePhase.Completed));
        Check.That(asked.End <= _source.BlockCount);
        if (!_freeRequests.TryPop(out int slot))
            return false;
        _requests[slot] = new Pending { Asked = asked, Data = data, Request = request, Sequence = _sequence++ };
        if (asked.Operation == BlockOperation.Write)
            CountWrite(asked);
        if (MustWait(slot, _waiting.Count))
        {
            _waiting.Add(slot);
            _counters.RequestsDeferred++;
        }
        else
        {
            Start(now, slot);
        }

        return true;
    }

    private void CountWrite(in BlockRequest asked)
    {
        long bytes = (long)asked.Blocks << _blockShift;
        _counters.BytesWritten += bytes;
        if (_counters.Rounds > 0 || asked.StartLba < (ulong)_cursor)
            _counters.BytesWrittenToCopied += bytes;
    }

    /// <param name="earlier">So many of those that wait came before it.</param>
    private bool MustWait(int slot, int earlier)
    {
        if (Phase == SchemePhase.Restoring)
            return true;
        if (!_policy.IsOrdered)
            return false;
        ref Pending request = ref _requests[slot];
        if (request.Asked.Operation == BlockOperation.Flush)
            return IsAnythingAnsweredPending(request.Sequence);
        for (int i = 0; i < _activeCount; i++)
        {
            if (Collide(request.Asked, _requests[_active[i]].Asked))
                return true;
        }

        for (int i = 0; i < earlier; i++)
        {
            if (Collide(request.Asked, _requests[_waiting[i]].Asked))
                return true;
        }

        return (request.Asked.Changes || _policy.DefersReads) && IsBeingCopied(request.Asked);
    }

    private static bool Collide(in BlockRequest a, in BlockRequest b) => (a.Changes || b.Changes) && a.Overlaps(b);

    /// <summary>A flush is about every write that the VM has the completion of, on both sides.</summary>
    private bool IsAnythingAnsweredPending(long before)
    {
        for (int i = 0; i < _activeCount; i++)
        {
            ref Pending active = ref _requests[_active[i]];
            if (active.IsAnswered && active.Sequence < before)
                return true;
        }

        return false;
    }

    private void Start(SimTime now, int slot)
    {
        _requests[slot].ActiveIndex = _activeCount;
        _active[_activeCount++] = slot;
        if (Phase == SchemePhase.Lost)
            _timers.Add(now, slot);
        else
            IssueOrDelay(now, slot);
    }

    /// <summary>Starts what no longer has to wait, in order.</summary>
    private void StartWaiting(SimTime now)
    {
        for (int i = 0; i < _waiting.Count;)
        {
            int slot = _waiting[i];
            if (MustWait(slot, i))
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            Start(now, slot);
        }
    }

    private void IssueOrDelay(SimTime now, int slot)
    {
        ref Pending request = ref _requests[slot];
        if (Phase == SchemePhase.Lost)
        {
            FailNow(now, slot);
            return;
        }

        if (_policy.CompletesOnFirst && request.Asked.Changes && GoesToBoth(request.Asked))
        {
            if (_pendingWrites > _options.PendingThreshold)
            {
                _counters.Delays++;
                _timers.Add(now + _options.PendingDelay, slot);
                return;
            }

            request.IsPendingWrite = true;
            _pendingWrites++;
            _counters.MostPending = Math.Max(_counters.MostPending, _pendingWrites);
            KeepData(ref request);
        }

        Issue(now, slot);
    }

    private bool GoesToBoth(in BlockRequest asked)
    {
        for (ulong lba = asked.StartLba; lba < asked.End; lba++)
        {
            if (_policy.Write(lba) == Sides.Both)
                return true;
        }

        return false;
    }

    /// <summary>The VM may use its buffer again while one of the sides has not finished with the data.</summary>
    private void KeepData(ref Pending request)
    {
        if (request.Data.IsEmpty)
            return;
        if (!_freeData.TryPop(out byte[]? data) || data.Length < request.Data.Length)
            data = new byte[Math.Max(request.Data.Length, _options.CopyBytes)];
        request.Data.CopyTo(data);
        request.OwnData = data;
        request.Data = data.AsMemory(0, request.Data.Length);
    }

    private void Issue(SimTime now, int slot)
    {
        BlockRequest asked = _requests[slot].Asked;
        if (asked.Operation == BlockOperation.Flush)
        {
            IssuePart(now, slot, 0, 0, _policy.Flush);
            return;
        }

        for (ulong lba = asked.StartLba; lba < asked.End;)
        {
            Sides sides = SidesOf(asked, lba);
            ulong end = lba + 1;
            while (end < asked.End && SidesOf(asked, end) == sides)
                end++;
            IssuePart(now, slot, lba, (uint)(end - lba), sides);
            lba = end;
        }
    }

    private Sides SidesOf(in BlockRequest asked, ulong lba) => asked.Changes ? _policy.Write(lba) : _policy.Read(lba);

    private void IssuePart(SimTime now, int slot, ulong startLba, uint blocks, Sides sides)
    {
        ref Pending request = ref _requests[slot];
        int index = TakePart();
        _parts[index] = new Part
        {
            Slot = slot,
            StartLba = startLba,
            Blocks = blocks,
            Issued = sides,
            Outstanding = sides,
            NotesWritten = request.Asked.Changes && _policy.NotesWritten,
        };
        request.Unanswered++;
        request.Commands += sides == Sides.Both ? 2 : 1;
        if (sides == Sides.Both && _countedSide != 0)
            request.CountedCommands++;
        int offset = blocks == 0 ? 0 : (int)((startLba - request.Asked.StartLba) << _blockShift);
        Memory<byte> data = request.Data.IsEmpty ? default : request.Data.Slice(offset, (int)(blocks << _blockShift));
        BlockRequest command = request.Asked with { StartLba = startLba, Blocks = blocks };
        if (command.Changes)
            NoteWrite(command, sides, data);
        else if (command.Operation == BlockOperation.Read && sides == Sides.Destination)
            _counters.BytesReadAtDestination += (long)blocks << _blockShift;
        if ((sides & Sides.Source) != 0)
            _source.Submit(now, TagOf(CommandKind.AtSource, index), command, data);
        if ((sides & Sides.Destination) != 0)
            _destination.Submit(now, TagOf(CommandKind.AtDestination, index), command, data);
    }

    private void NoteWrite(in BlockRequest command, Sides sides, Memory<byte> data)
    {
        long bytes = command.Operation == BlockOperation.Write ? (long)command.Blocks << _blockShift : 0;
        if ((sides & Sides.Source) != 0)
            _counters.BytesToSource += bytes;
        if ((sides & Sides.Destination) != 0)
            _counters.BytesToDestination += bytes;
        _counters.BytesSkipped += _policy.Writing(command.StartLba, command.Blocks, sides) << _blockShift;
        if (_log != null && _policy.LogsUpdates && sides == Sides.Destination)
            _counters.LogBytes += _log.Append(command, data.Span);
    }

    private int TakePart()
    {
        if (_freeParts.TryPop(out int index))
            return index;
        if (_partCount == _parts.Length)
            Array.Resize(ref _parts, _parts.Length * 2);
        return _partCount++;
    }
}
