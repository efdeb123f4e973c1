using Emulator.Core;

namespace Emulator.Migration;

/// <summary>What becomes of the commands that requests of the VM were cut into.</summary>
public sealed partial class SchemeRun
{
    private void PartCompleted(SimTime now, int index, Sides side, bool isSuccess)
    {
        if (side == Sides.Destination && !isSuccess)
            Abandon(now);
        ref Part part = ref _parts[index];
        ref Pending request = ref _requests[part.Slot];
        part.Outstanding &= ~side;
        if (isSuccess)
            part.Succeeded |= side;
        request.Commands--;
        if (side == _countedSide && part.Issued == Sides.Both)
            CountDone(ref request);
        if (side == Sides.Source && isSuccess && part.NotesWritten)
            _policy.Written(part.StartLba, part.Blocks);
        if (!part.IsAnswered)
            JudgePart(ref part, ref request);
        else if (side == Sides.Source && !isSuccess && request.Asked.Changes)
            Phase = SchemePhase.Lost;

        int slot = part.Slot;
        if (part.Outstanding == 0)
            _freeParts.Push(index);
        EndIfDone(now, slot);
    }

    /// <summary>The side that is counted has done with a part of a write.</summary>
    private void CountDone(ref Pending request)
    {
        if (--request.CountedCommands > 0 || !request.IsPendingWrite)
            return;
        request.IsPendingWrite = false;
        _pendingWrites--;
    }

    /// <summary>Whether the VM need not wait for a part any longer.</summary>
    private void JudgePart(ref Part part, ref Pending request)
    {
        bool hasSourceFailed = (part.Issued & ~part.Outstanding & ~part.Succeeded & Sides.Source) != 0;
        bool isFirst = _hasPrivateData && part.Issued == Sides.Both && part.Succeeded != 0 && !hasSourceFailed
            && request.Asked.Operation != BlockOperation.Flush && !request.Asked.IsForced;
        if (part.Outstanding != 0 && !isFirst)
            return;
        part.IsAnswered = true;
        request.Unanswered--;
        if (hasSourceFailed)
            request.HasFailed = true;
        else if (!isFirst && !IsEnough(part, request.Asked.Operation))
            request.IsToRepeat = true;
    }

    /// <summary>
    /// The source has it, and the destination if it alone was asked, or was asked to flush what it alone has.
    /// </summary>
    private bool IsEnough(in Part part, BlockOperation operation)
    {
        bool needsDestination = part.Issued == Sides.Destination || (_log != null && operation == BlockOperation.Flush);
        return (part.Issued & ~part.Succeeded & (needsDestination ? Sides.Both : Sides.Source)) == 0;
    }

    private void EndIfDone(SimTime now, int slot)
    {
        ref Pending request = ref _requests[slot];
        bool isToAnswer = request.Unanswered == 0 && !request.IsAnswered && !request.IsToRepeat;
        bool isDone = request.Commands == 0;
        (int number, bool hasFailed) = (request.Request, request.HasFailed);
        request.IsAnswered |= isToAnswer;
        if (isDone)
        {
            bool isToRepeat = request.IsToRepeat;
            Release(slot);
            if (isToRepeat)
                Repeat(slot);
            else
                _freeRequests.Push(slot);
        }

        if (isToAnswer)
            Answer(now, number, !hasFailed);
        if (isDone)
            Released(now);
    }

    private void Answer(SimTime now, int number, bool isSuccess)
    {
        _counters.Requests++;
        _sink.RequestCompleted(now, number, isSuccess);
    }

    /// <summary>There is no side that has the newest data.</summary>
    private void FailNow(SimTime now, int slot)
    {
        int number = _requests[slot].Request;
        Release(slot);
        _freeRequests.Push(slot);
        Answer(now, number, isSuccess: false);
    }

    /// <summary>The request holds its blocks no longer.</summary>
    private void Release(int slot)
    {
        ref Pending request = ref _requests[slot];
        int last = _active[--_activeCount];
        _active[request.ActiveIndex] = last;
        _requests[last].ActiveIndex = request.ActiveIndex;
        if (request.IsPendingWrite)
            _pendingWrites--;
        if (request.OwnData != null && !request.IsToRepeat)
            _freeData.Push(request.OwnData);
    }

    /// <summary>It goes back among those that wait, before those that came after it.</summary>
    private void Repeat(int slot)
    {
        ref Pending request = ref _requests[slot];
        (request.IsToRepeat, request.HasFailed, request.IsPendingWrite) = (false, false, false);
        int at = 0;
        while (at < _waiting.Count && _requests[_waiting[at]].Sequence < request.Sequence)
            at++;
        _waiting.Insert(at, slot);
    }

    /// <summary>Blocks are free again: chunks that wait for them go first, then requests.</summary>
    private void Released(SimTime now)
    {
        if (_chunksWaiting > 0)
            StartWaitingChunks(now);
        if (_waiting.Count > 0)
            StartWaiting(now);
        if (Phase is SchemePhase.Finishing or SchemePhase.Restoring)
            GoOn(now);
    }
}
