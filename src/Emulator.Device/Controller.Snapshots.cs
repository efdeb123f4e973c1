using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Snapshot, opcode C4h of the vendor command set (specs/vendor-commands.md).</summary>
public sealed partial class Controller
{
    private CommandOutcome ManageSnapshots(SimTime now, in SubmissionEntry entry)
    {
        const uint actionMask = 0xFF;
        Status status = FindSnapshotNamespace(entry.Nsid, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);
        var action = (SnapshotAction)(entry.Cdw10 & actionMask);
        var id = (ushort)entry.Cdw11;
        if ((entry.Cdw10 & ~actionMask) != 0 || entry.Cdw11 > ushort.MaxValue || action > SnapshotAction.Restore
            || entry.Cdw12 != 0 || entry.Cdw13 != 0 || entry.Cdw14 != 0 || entry.Cdw15 != 0
            || (action == SnapshotAction.Create && id != 0))
            return Failed(now, Status.InvalidField);
        if (action == SnapshotAction.Create)
            return CreateSnapshot(now, ns);

        if (_drive.Snapshots.Find(id) is not { } snapshot || snapshot.Nsid != ns.Nsid)
            return Failed(now, Status.SnapshotNotFound);
        if (snapshot.IsInUse)
            return Failed(now, Status.MigrationBusy);
        return action == SnapshotAction.Delete
            ? DeleteSnapshot(now, snapshot)
            : RestoreSnapshot(now, ns, snapshot);
    }

    /// <summary>A namespace whose snapshots this host may have: any for a manager, those attached where none is listed.</summary>
    private Status FindSnapshotNamespace(uint nsid, out Namespace ns)
    {
        ns = null!;
        if (!_drive.Controllers.MayManage(Host, itself: true))
            return Status.OperationDenied;
        Namespace? found = IsListedManager ? _drive.Namespaces.Find(nsid) : FindActive(nsid);
        if (found == null)
            return NamespaceProblem(nsid);
        ns = found;
        return Status.Success;
    }

    /// <returns>With success, dword 0 is the identifier.</returns>
    private CommandOutcome CreateSnapshot(SimTime now, Namespace ns)
    {
        Status status = _drive.Snapshots.Create(now, ns, out Snapshot? snapshot);
        return status.IsSuccess ? CommandOutcome.Success(now, snapshot!.Id) : Failed(now, status);
    }

    private CommandOutcome DeleteSnapshot(SimTime now, Snapshot snapshot)
    {
        uint id = snapshot.Id;
        return _drive.Snapshots.Delete(now, snapshot) ? CommandOutcome.Success(now, id) : Failed(now, Status.WriteFault);
    }

    private CommandOutcome RestoreSnapshot(SimTime now, Namespace ns, Snapshot snapshot)
    {
        Status status = _drive.Snapshots.Restore(now, ns, snapshot, out SimTime done);
        return status.IsSuccess ? CommandOutcome.Success(done, snapshot.Id) : Failed(done, status);
    }
}
