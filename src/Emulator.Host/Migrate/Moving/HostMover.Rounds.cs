using System.Diagnostics;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>What is to be moved: the first pass, rounds of what changed, and the end.</summary>
internal sealed partial class HostMover
{
    /// <summary>Of the first pass, between two marks of how far it is durable.</summary>
    private const ulong LeastBytesOfMark = 256UL << 20;

    private const ulong MostMarks = 256;

    /// <summary>Of a first pass that was over when this process began.</summary>
    private const double LeastSeconds = 1e-6;

    private readonly ulong _granuleBytes;
    private ulong _round = 1;
    private ulong _roundBytes;
    private long _raiseDue;
    private ulong _firstPassBytes;
    private double _firstPassSeconds;
    private ulong _markDueAt;
    private ulong _bytesOfMark;
    private bool _isFirstPassOver;

    /// <summary>A round may have been taken that was not moved.</summary>
    private bool _isUndoDue = true;

    private uint _markNsid;
    private ulong _markBlock;

    private void PlanFirstPass(MoverMark? mark)
    {
        bool isSameMedium = mark != null && mark.Medium == _medium;
        if (mark != null && !isSameMedium && _mode == DirectTransferMode.DirtyRanges)
            throw new MigrateException("the destination is on another medium than before");
        if (isSameMedium && mark!.Nsid == MoverMark.Over)
        {
            (_isFirstPassOver, _firstPassSeconds, _markNsid) = (true, LeastSeconds, MoverMark.Over);
            return;
        }

        AddFirstPass();
        if (isSameMedium)
            SkipTo(mark!);
        _firstPassBytes = _copy.BytesLeft;
        _bytesOfMark = Math.Max(LeastBytesOfMark, _firstPassBytes / MostMarks);
        _markDueAt = _bytesOfMark;
    }

    private void AddFirstPass()
    {
        switch (_mode)
        {
            case DirectTransferMode.WholeCapacity:
                foreach (MovedNamespace of in _copy.Namespaces)
                    of.Plan(0, of.BlockCount, readsAsZero: false);
                _copy.LooksForHoles = true;
                break;
            case DirectTransferMode.WrittenRanges:
                Plan(RangeList.Read(_source!, LogPageId.VmWrittenRanges, _sourceDrive.Vm), isRestUnknown: true);
                break;
            case DirectTransferMode.SnapshotDelta:
                PlanDelta(RangeList.Read(_source!, LogPageId.SnapshotDelta, _options.Snapshot));
                break;
        }
    }

    /// <summary>What changed since a snapshot of one namespace, and the others whole.</summary>
    private void PlanDelta(RangeList delta)
    {
        uint nsid = _sourceDrive.NamespaceOfSnapshot(_options.Snapshot);
        foreach (MovedNamespace of in _copy.Namespaces)
        {
            if (of.Nsid != nsid)
                of.Plan(0, of.BlockCount, readsAsZero: false);
        }

        foreach (RangeListEntry range in delta.Entries)
            Plan(range);
        if (delta.IsTruncated && _copy.Find(nsid) is { } own)
            PlanFrom(own, EndOf(delta));
    }

    private void Plan(RangeList list, bool isRestUnknown)
    {
        foreach (RangeListEntry range in list.Entries)
            Plan(range);
        if (!isRestUnknown || !list.IsTruncated)
            return;
        uint last = list.Entries.Length == 0 ? 0 : list.Entries[^1].Nsid;
        foreach (MovedNamespace of in _copy.Namespaces)
        {
            if (of.Nsid >= last)
                PlanFrom(of, of.Nsid == last ? EndOf(list) : 0);
        }
    }

    private void Plan(in RangeListEntry range)
    {
        if (_copy.Find(range.Nsid) is not { } of || range.Slba >= of.BlockCount || range.Blocks > of.BlockCount - range.Slba || range.Blocks == 0)
            throw new MigrateException($"a range of the source is in no namespace that is moved: {range.Nsid}, block {(ulong)range.Slba}");
        of.Plan(range.Slba, range.Blocks, (range.Flags & RangeListEntry.ReadsAsZero) != 0);
    }

    private static void PlanFrom(MovedNamespace of, ulong block)
    {
        if (block < of.BlockCount)
            of.Plan(block, of.BlockCount - block, readsAsZero: false);
    }

    private static ulong EndOf(RangeList list) => list.Entries.Length == 0 ? 0 : list.Entries[^1].Slba + list.Entries[^1].Blocks;

    /// <summary>Leaves out what is durable at the destination.</summary>
    private void SkipTo(MoverMark mark)
    {
        foreach (MovedNamespace of in _copy.Namespaces)
        {
            if (of.Nsid > mark.Nsid)
                break;
            of.Skip(of.Nsid == mark.Nsid ? mark.Block : of.BlockCount);
        }

        (_markNsid, _markBlock) = (mark.Nsid, mark.Block);
    }

    /// <summary>Everything of the round, or up to where it is held, is durable at the destination.</summary>
    /// <returns>Whether there is more to do.</returns>
    private bool EndRound()
    {
        if (_copy.IsHeld)
        {
            _copy.IsHeld = false;
            if (_copy.FirstToDo() is { } first)
            {
                (_markNsid, _markBlock) = first;
                NoteMark();
                return true;
            }
        }

        if (!_isFirstPassOver)
            EndFirstPass();
        else if (_isFinishing)
            GoOnFinishing();
        else if (!_isStatusNew)
            return false;
        else if (_dirtyBytes > _convergedBytes || _isUndoDue)
        {
            RaiseShareIfDue();
            BeginRound();
        }
        else
            _phase = MoverPhase.Converged;
        _isStatusNew = false;
        return _phase != MoverPhase.Converged;
    }

    /// <summary>
    /// Another round follows in any case: the code is compiled when the VM is to be paused, and whoever resumes finds the round taken.
    /// </summary>
    private void EndFirstPass()
    {
        _isFirstPassOver = true;
        _firstPassSeconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        _copy.LooksForHoles = false;
        (_markNsid, _markBlock) = (MoverMark.Over, 0);
        NoteMark();
        BeginRound();
    }

    private void GoOnFinishing()
    {
        TakeStatus(_source!.Status(_sourceDrive.Vm));
        if (!_isHalted)
            _isFinishing = false;
        else if (_dirtyBytes > 0 || _isUndoDue)
            BeginRound();
        else
        {
            if (!_options.NoState)
                _state.SendRest(_source, _destination!);
            _phase = MoverPhase.Done;
        }
    }

    /// <summary>As a drive does that moves the data by itself.</summary>
    private void RaiseShareIfDue()
    {
        long now = Stopwatch.GetTimestamp();
        if (now < _raiseDue || _round == 1 || _isFinishing || !ShareGrowth.IsDue(_dirtyBytes, _roundBytes))
            return;
        _pacer.RaiseShare();
        _raiseDue = now + Stopwatch.Frequency;
    }

    private void BeginRound()
    {
        byte actions = _isUndoDue ? (byte)(VendorCommandSet.LspAdvance | VendorCommandSet.LspUndo) : VendorCommandSet.LspAdvance;

        // If it is not known whether it was taken, it is taken back first.
        _isUndoDue = true;
        Plan(RangeList.Read(_source!, LogPageId.VmDirtyRanges, _sourceDrive.Vm, actions), isRestUnknown: false);
        _isUndoDue = false;
        _round++;
        (_roundBytes, _raiseDue) = (_copy.BytesLeft, 0);
        _phase = PhaseOfWork;
        RestartWindow(Stopwatch.GetTimestamp());
    }

    /// <summary>Holds the first pass now and then, so that it is known how far it is durable.</summary>
    private void HoldIfDue()
    {
        ulong moved = _copy.Counters.BytesWritten + _copy.Counters.BytesZeroed;
        if (_isFirstPassOver || moved < _markDueAt)
            return;
        _markDueAt = moved + _bytesOfMark;
        _copy.IsHeld = true;
    }

    private void NoteMark() => _journal.Note(new MoverMark
    {
        Writer = _destination!.Id,
        Medium = _medium,
        Nsid = _markNsid,
        Block = _markBlock,
    });
}
