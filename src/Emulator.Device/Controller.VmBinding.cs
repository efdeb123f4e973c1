using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Feature D2h of the vendor command set: VMs that share a controller, told apart by streams.</summary>
public sealed partial class Controller
{
    /// <summary>Set Features D2h. There is no data; what is transferred is ignored.</summary>
    private CommandOutcome SetVmBinding(SimTime now, in SubmissionEntry entry)
    {
        const uint known = VendorCommandSet.Unbind | ushort.MaxValue;
        var handle = (ushort)entry.Cdw11;
        var stream = (ushort)entry.Cdw12;
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (handle is < VendorCommandSet.FirstStreamTarget or > VendorCommandSet.LastStreamTarget
            || target.Bound != null || stream == 0
            || (entry.Cdw12 & ~known) != 0 || entry.Cdw13 != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);
        if ((entry.Cdw12 & VendorCommandSet.Unbind) == 0)
            return Ended(now, _drive.Controllers.Bind(handle, target.Slot, stream));

        return _drive.Controllers.FindBound(handle) is { } bound && bound.Slot == target.Slot && bound.Stream == stream
            ? Ended(now, _drive.Controllers.Unbind(bound))
            : Failed(now, Status.InvalidField);
    }

    /// <summary>
    /// Get Features D2h: dword 0 is what CDW12 was for the handle in CDW11 15:0, with the CNTLID in bits 31:16.
    /// </summary>
    private CommandOutcome GetVmBinding(SimTime now, FeatureSelect select, in SubmissionEntry entry)
    {
        var handle = (ushort)entry.Cdw11;
        Status status = FindTarget(handle, out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (target.Bound == null || entry.Cdw11 >> 16 != 0 || entry.Cdw12 != 0 || entry.Cdw13 != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);
        uint value = target.Bound.Stream | ((uint)target.Slot.Id << 16);
        return CommandOutcome.Success(now, select == FeatureSelect.Current ? value : 0);
    }
}
