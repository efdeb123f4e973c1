using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Namespace Attachment (Base 2.1, 5.1.20). The list is worked through in its order up to the first entry that fails;
/// what was done before that stays, as the specification has it.
/// </summary>
public sealed partial class Controller
{
    private const uint SelectAttach = 0;
    private const uint SelectDetach = 1;

    private CommandOutcome AttachNamespace(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        if (!MayAdminister)
            return Failed(now, Status.InvalidOpcode);
        if (FindVisible(entry.Nsid) is not { } ns)
            return Failed(now, NamespaceProblem(entry.Nsid));
        if (IsReservedAgainstHost(ns))
            return Failed(now, Status.ReservationConflict);
        if (entry.Cdw10 > SelectDetach)
            return Failed(now, Status.InvalidField);
        if (data.Length < ControllerList.Size)
            return Failed(now, Status.DataSglLengthInvalid);
        if (!ControllerList.IsValid(data[..ControllerList.Size]))
            return Failed(now, Status.ControllerListInvalid);

        bool attach = entry.Cdw10 == SelectAttach;
        for (int i = 0; i < ControllerList.Count(data); i++)
        {
            Status status = AttachOne(now, ns, ControllerList.Entry(data, i), attach);
            if (status.IsSuccess)
                continue;
            _errorInformation = (ulong)(i + 1) * U16Le.Size;
            return Failed(now, status);
        }

        return CommandOutcome.Success(now);
    }

    private Status AttachOne(SimTime now, Namespace ns, ushort controllerId, bool attach)
    {
        ControllerSlot? slot = KnownControllers.FirstOrDefault(known => known.Id == controllerId);
        if (slot == null)
            return Status.ControllerListInvalid;

        bool isAttached = ns.IsAttachedTo(controllerId);
        if (attach && isAttached)
            return Status.NamespaceAlreadyAttached;
        if (attach && !ns.IsShared && ns.IsAttached)
            return Status.NamespaceIsPrivate;
        if (!attach && !isAttached)
            return Status.NamespaceNotAttached;

        if (attach)
            NamespaceTable.Attach(ns, slot);
        else
            Detach(now, ns, slot);
        slot.Current?.ReportNamespaceChange(ns.Nsid);
        return Status.Success;
    }

    private void Detach(SimTime now, Namespace ns, ControllerSlot slot)
    {
        NamespaceTable.Detach(ns, slot, _drive.Controllers.Slots);
        if (!_drive.Controllers.Slots.Any(other => other.Host.HostId == slot.Host.HostId && ns.IsAttachedTo(other.Id)))
            Streams.Disable(slot.Host.HostId, ns.Nsid);
        if (slot.Id == _drive.SelfTest.ControllerId)
            _drive.SelfTest.NamespaceRemoved(now, ns.Nsid);
    }
}
