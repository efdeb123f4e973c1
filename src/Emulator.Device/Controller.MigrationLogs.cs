using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Log pages D0h, D3h and D4h of the vendor command set. A read at offset 0 latches the page; reads at other offsets
/// continue from what this controller latched last, so that a page that is read in pieces is of one piece.
/// </summary>
public sealed partial class Controller
{
    private readonly byte[] _latchedStatus = new byte[VmMigrationStatus.Size];
    private RangeListLatch? _latchedDirty;
    private RangeListLatch? _latchedWritten;
    private ControllerSlot? _statusTarget;
    private ControllerSlot? _dirtyTarget;
    private ControllerSlot? _writtenTarget;

    /// <summary>Get Log Page for a page of the vendor command set.</summary>
    /// <param name="data">As long as the host asked for.</param>
    private CommandOutcome GetVmMigrationLog(SimTime now, in LogPageRequest request, Span<byte> data)
    {
        Status status = FindTarget(request.SpecificIdentifier, out ControllerSlot target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((request.Specific & ~KnownActions(request.LogPage)) != 0)
            return Failed(now, Status.InvalidField);
        if (request.LogPage == LogPageId.VmDirtyRanges && !target.Vm.IsSource)
            return Failed(now, Status.MigrationNotActive);

        if (request.Offset == 0)
            Latch(request.LogPage, target, request.Specific);
        else if (LatchedTarget(request.LogPage) != target)
            return Failed(now, Status.CommandSequenceError);
        ReadOnlySpan<byte> latched = Latched(request.LogPage);
        if (request.Offset > (uint)latched.Length)
            return Failed(now, Status.InvalidField);

        latched = latched[(int)request.Offset..];
        latched = latched[..Math.Min(latched.Length, data.Length)];
        latched.CopyTo(data);
        data[latched.Length..].Clear();
        return CommandOutcome.Success(now);
    }

    private static int KnownActions(LogPageId page) =>
        page == LogPageId.VmDirtyRanges ? VendorCommandSet.LspAdvance | VendorCommandSet.LspUndo : 0;

    private void Latch(LogPageId page, ControllerSlot target, byte actions)
    {
        int mostRanges = _drive.Options.MaxReportedRanges;
        switch (page)
        {
            case LogPageId.VmDirtyRanges:
                bool advance = (actions & VendorCommandSet.LspAdvance) != 0;
                bool undo = (actions & VendorCommandSet.LspUndo) != 0;
                _latchedDirty ??= new RangeListLatch();
                _latchedDirty.LatchDirty(target.Vm, target.Id, advance, undo, mostRanges);
                _dirtyTarget = target;
                break;
            case LogPageId.VmWrittenRanges:
                _latchedWritten ??= new RangeListLatch();
                _latchedWritten.LatchWritten(target.Vm, target.Id, mostRanges);
                _writtenTarget = target;
                break;
            default:
                WireStruct.Write(_latchedStatus, MigrationStatusOf(target));
                _statusTarget = target;
                break;
        }
    }

    private ControllerSlot? LatchedTarget(LogPageId page) => page switch
    {
        LogPageId.VmDirtyRanges => _dirtyTarget,
        LogPageId.VmWrittenRanges => _writtenTarget,
        _ => _statusTarget,
    };

    private ReadOnlySpan<byte> Latched(LogPageId page) => page switch
    {
        LogPageId.VmDirtyRanges => _latchedDirty!.Page,
        LogPageId.VmWrittenRanges => _latchedWritten!.Page,
        _ => _latchedStatus,
    };

    /// <summary>The controller was reset: the host has to begin its reads anew.</summary>
    private void ForgetLatchedPages()
    {
        _latchedDirty = _latchedWritten = null;
        _dirtyTarget = _writtenTarget = _statusTarget = null;
    }
}
