using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Namespace Management (Base 2.1, 5.1.21; NVM 1.1, 4.1.6): creating and deleting namespaces.</summary>
public sealed partial class Controller
{
    private const uint SelectCreate = 0;
    private const uint SelectDelete = 1;

    private CommandOutcome ManageNamespaces(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        if (!MayAdminister)
            return Failed(now, Status.InvalidOpcode);
        return (uint)entry.Cdw10 switch
        {
            SelectCreate => CreateNamespace(now, entry, data),
            SelectDelete => DeleteNamespaces(now, entry),
            _ => Failed(now, Status.InvalidField),
        };
    }

    /// <returns>With success, dword 0 is the NSID.</returns>
    private CommandOutcome CreateNamespace(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        if (entry.Cdw11 >> 24 != NvmCommandSet)
            return Failed(now, Status.IoCommandSetNotSupported);
        if ((entry.Cdw11 & 0x00FF_FFFF) != 0)
            return Failed(now, Status.InvalidField);
        if (data.Length < NamespaceManagementData.Size)
            return Failed(now, Status.DataSglLengthInvalid);

        ref readonly NamespaceManagementData wanted =
            ref WireStruct.Read<NamespaceManagementData>(data[..NamespaceManagementData.Size]);
        Status status = CreationProblem(wanted);
        if (!status.IsSuccess)
            return Failed(now, status);

        bool shared = (wanted.Nmic & SharedNamespace) != 0;
        Namespace ns = _drive.Namespaces.Create(
            wanted.Nsze, (LbaFormatIndex)wanted.FormatIndex, shared, _drive.Options.CreatedTransforms);
        RecordNamespaceChange(now, entry.Cdw10, ns);
        return CommandOutcome.Success(now, ns.Nsid);
    }

    /// <summary>Guards in the usual order: fields, then what there is too little of.</summary>
    private Status CreationProblem(in NamespaceManagementData wanted)
    {
        if (wanted.Nsze == 0 || wanted.Ncap > wanted.Nsze.Value || (wanted.Nmic & ~SharedNamespace) != 0)
            return Status.InvalidField;
        if (wanted.Ncap < wanted.Nsze.Value)
            return Status.ThinProvisioningNotSupported;
        if (wanted.FormatIndex >= LbaFormats.Count || wanted.Dps != 0)
            return Status.InvalidFormat;
        if (wanted.Anagrpid != 0)
            return Status.AnaGroupIdentifierInvalid;
        if (wanted.Nvmsetid != 0 || wanted.Endgid != 0)
            return Status.InvalidField;
        if (_drive.Namespaces.LowestFreeNsid == 0)
            return Status.NamespaceIdentifierUnavailable;

        int shift = LbaFormats.BlockShift((LbaFormatIndex)wanted.FormatIndex);
        if (wanted.Nsze <= _drive.Namespaces.UnallocatedBytes >> shift)
            return Status.Success;
        _errorInformation = wanted.Nsze << shift;
        return Status.NamespaceInsufficientCapacity;
    }

    /// <summary>FFFFFFFFh deletes all that this host may see; that there is none is no error.</summary>
    private CommandOutcome DeleteNamespaces(SimTime now, in SubmissionEntry entry)
    {
        if (entry.Nsid == BroadcastNsid)
        {
            if (VisibleNamespaces.Any(IsReservedAgainstHost))
                return Failed(now, Status.ReservationConflict);
            MediumResult all = MediumResult.Success(now);
            foreach (Namespace ns in VisibleNamespaces.ToArray())
                all = all.And(Delete(now, entry.Cdw10, ns));
            return Ended(all);
        }

        if (FindVisible(entry.Nsid) is not { } found)
            return Failed(now, NamespaceProblem(entry.Nsid));
        if (IsReservedAgainstHost(found))
            return Failed(now, Status.ReservationConflict);
        return Ended(Delete(now, entry.Cdw10, found));
    }

    /// <summary>Every other controller that had it hears of it (Base 2.1, 8.1.15.2); this one's host knows.</summary>
    private MediumResult Delete(SimTime now, uint cdw10, Namespace ns)
    {
        if (!_drive.Snapshots.DeleteAll(now, ns))
            return new MediumResult(now, MediumStatus.WriteFault);
        Controller[] others = [.. _drive.ConnectedControllers.Where(other => other != this && ns.IsAttachedTo(other.Id))];
        RecordNamespaceChange(now, cdw10, ns);
        _drive.SelfTest.NamespaceRemoved(now, ns.Nsid);
        _drive.Namespaces.Delete(now, ns);
        Streams.ForgetNamespace(ns.Nsid);
        _drive.WarmUp.Forget(ns);
        foreach (Controller other in others)
            other.ReportNamespaceChange(ns.Nsid);
        return MediumResult.Success(now);
    }

    private void RecordNamespaceChange(SimTime now, uint cdw10, Namespace ns) =>
        _drive.Events.Record(now, Id, PersistentEventType.ChangeNamespace, new ChangeNamespaceEvent
        {
            Nmcdw10 = cdw10,
            Nsze = ns.BlockCount,
            Ncap = ns.BlockCount,
            Flbas = (byte)ns.Format,
            Nmic = ns.IsShared ? SharedNamespace : (byte)0,
            Anagrpid = AnaGroup,
            Nsid = ns.Nsid,
        });
}
