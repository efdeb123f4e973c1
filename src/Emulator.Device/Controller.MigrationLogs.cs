using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Log pages D0h to D4h and D8h of the vendor command set. A read at offset 0 latches the page; reads at other offsets continue
/// from what this controller latched last, so that a page that is read in pieces is of one piece.
/// </summary>
public sealed partial class Controller
{
    private readonly byte[] _latchedStatus = new byte[VmMigrationStatus.Size];
    private readonly byte[] _latchedProgress = new byte[DirectTransferProgress.Size];
    private readonly Dictionary<LogPageId, VmTarget> _latchedTargets = [];
    private RangeListLatch? _latchedDirty;
    private RangeListLatch? _latchedWritten;
    private StateWriter? _latchedState;
    private StateWriter? _latchedDelta;

    /// <summary>Get Log Page for a page of the vendor command set.</summary>
    /// <param name="data">As long as the host asked for.</param>
    private CommandOutcome GetVmMigrationLog(SimTime now, in LogPageRequest request, Span<byte> data)
    {
        if (request.LogPage is LogPageId.RangeChecksums or LogPageId.Snapshots or LogPageId.SnapshotDelta)
            return GetSnapshotLog(now, request, data);
        Status status = FindTarget(request.SpecificIdentifier, out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((request.Specific & ~KnownActions(request.LogPage)) != 0)
            return Failed(now, Status.InvalidField);
        if (request.LogPage is LogPageId.VmDirtyRanges or LogPageId.VmDirtyState && !target.Vm.IsSource)
            return Failed(now, Status.MigrationNotActive);
        bool takesRound = request.LogPage == LogPageId.VmDirtyRanges && request.Offset == 0 && request.Specific != 0;
        if (takesRound && target.Vm.IsTransferred)
            return Failed(now, Status.MigrationBusy);

        if (request.Offset == 0)
            status = Latch(now, request.LogPage, target, request.Specific);
        else if (!_latchedTargets.TryGetValue(request.LogPage, out VmTarget latchedTarget) || latchedTarget != target)
            status = Status.CommandSequenceError;
        if (!status.IsSuccess)
            return Failed(now, status);
        ReadOnlySpan<byte> latched = Latched(request.LogPage);
        if (request.Offset > (uint)latched.Length)
            return Failed(now, Status.InvalidField);

        latched = latched[(int)request.Offset..];
        latched = latched[..Math.Min(latched.Length, data.Length)];
        latched.CopyTo(data);
        data[latched.Length..].Clear();
        return CommandOutcome.Success(now);
    }

    private static int KnownActions(LogPageId page) => page switch
    {
        LogPageId.VmDirtyRanges => VendorCommandSet.LspAdvance | VendorCommandSet.LspUndo,
        LogPageId.VmStorageState or LogPageId.VmDirtyState => (int)StateSections.All,
        _ => 0,
    };

    /// <param name="parameter">Log Specific Parameter: actions, or sections.</param>
    /// <returns>Success, or Limit Reached for a state that is too long.</returns>
    private Status Latch(SimTime now, LogPageId page, VmTarget target, byte parameter)
    {
        int mostRanges = _drive.Options.MaxReportedRanges;
        Status status = Status.Success;
        switch (page)
        {
            case LogPageId.VmStorageState:
                _latchedState ??= new StateWriter();
                status = StateCapture.Whole(_drive, now, target, SectionsOf(parameter), _latchedState);
                break;
            case LogPageId.VmDirtyState:
                _latchedDelta ??= new StateWriter();
                status = StateCapture.Delta(_drive, now, target, SectionsOf(parameter), _latchedDelta);
                break;
            case LogPageId.VmDirtyRanges:
                bool advance = (parameter & VendorCommandSet.LspAdvance) != 0;
                bool undo = (parameter & VendorCommandSet.LspUndo) != 0;
                _latchedDirty ??= new RangeListLatch();
                _latchedDirty.LatchDirty(target.Vm, target.Id, advance, undo, mostRanges);
                break;
            case LogPageId.VmWrittenRanges:
                _latchedWritten ??= new RangeListLatch();
                _latchedWritten.LatchWritten(target.Vm, target.Id, mostRanges);
                break;
            case LogPageId.DirectTransferProgress:
                WireStruct.Write(_latchedProgress, _drive.Transfers.ProgressOf(now, target.Vm, target.Id));
                break;
            default:
                WireStruct.Write(_latchedStatus, MigrationStatusOf(target));
                break;
        }

        _latchedTargets.Remove(page);
        if (status.IsSuccess)
            _latchedTargets.Add(page, target);
        return status;
    }

    private static StateSections SectionsOf(byte parameter) =>
        parameter == 0 ? StateSections.All : (StateSections)parameter;

    private ReadOnlySpan<byte> Latched(LogPageId page) => page switch
    {
        LogPageId.VmStorageState => _latchedState!.Page,
        LogPageId.VmDirtyState => _latchedDelta!.Page,
        LogPageId.VmDirtyRanges => _latchedDirty!.Page,
        LogPageId.VmWrittenRanges => _latchedWritten!.Page,
        LogPageId.DirectTransferProgress => _latchedProgress,
        _ => _latchedStatus,
    };

    /// <summary>The controller was reset: the host has to begin its reads anew.</summary>
    private void ForgetLatchedPages()
    {
        _latchedDirty = _latchedWritten = null;
        _latchedState = _latchedDelta = null;
        _latchedTargets.Clear();
        ForgetSnapshotPages();
    }
}
