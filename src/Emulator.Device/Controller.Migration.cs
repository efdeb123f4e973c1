using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// The vendor command set, VM Migration Assist (specs/vendor-commands.md): whom a command is about, and feature D0h.
/// </summary>
public sealed partial class Controller
{
    /// <summary>What of the vendor command set works.</summary>
    private VmasCapabilities VmMigrationCapabilities =>
        VmasCapabilities.SourceRole
        | VmasCapabilities.DestinationRole
        | VmasCapabilities.LifetimeWrittenRanges
        | VmasCapabilities.DirtyRanges
        | VmasCapabilities.DirtyState
        | VmasCapabilities.TranslationStateReplication
        | VmasCapabilities.StreamSharedController
        | VmasCapabilities.RangeChecksums
        | VmasCapabilities.WriteLimit
        | (_drive.KeepsContents ? VmasCapabilities.EncodedStreamTransfer : 0)
        | (_drive.Snapshots.Limit > 0 ? VmasCapabilities.SnapshotsAndDeltas : 0)
        | (_drive.Options.Cache.Lines > 0 ? VmasCapabilities.CacheRetention | VmasCapabilities.MigrationPrefetch : 0)
        | (_drive.Transfers.ArePossible ? VmasCapabilities.DirectTransfer | VmasCapabilities.Schemes : 0)
        | (_drive.Options.Managers.Count > 0 ? VmasCapabilities.ManagerTargetsOtherControllers : 0);

    /// <summary>Bytes 3072 to 3135 of Identify Controller.</summary>
    private VmasSupport VmasSupportStructure => new()
    {
        Signature = VmasSupport.SignatureValue,
        Version = VmasSupport.Version12,
        StructureSize = VmasSupport.Size,
        Capabilities = (uint)VmMigrationCapabilities,
        FirstFeature = (byte)FeatureId.VmMigration,
        FirstLogPage = (byte)LogPageId.VmMigrationStatus,
        TrackingGranule = (uint)_drive.Options.TrackingGranuleBytes,
        MaximumRanges = (uint)_drive.Options.MaxReportedRanges,
        Snapshots = (uint)_drive.Snapshots.Limit,
        ActiveMigrations = (uint)(_drive.Options.LastControllerId - _drive.Options.FirstControllerId + 1),
    };

    /// <summary>Set Features D0h, VM Migration. There is no data; what is transferred is ignored.</summary>
    private CommandOutcome SetVmMigrationFeature(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (entry.Cdw13 != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);

        VmMonitor vm = target.Vm;
        var requested = (VmMigrationFlags)(entry.Cdw11 & ushort.MaxValue);
        bool erase = (requested & VmMigrationFlags.Erase) != 0;
        status = vm.Problem(requested);
        if (status.IsSuccess && vm.IsTransferred && (requested & VmMigrationFlags.Completed) != 0)
            status = Status.MigrationBusy;
        if (status.IsSuccess && erase && SharesNamespaces(vm))
            status = Status.OperationDenied;
        if (!status.IsSuccess)
            return Failed(now, status);

        VmResidence before = vm.LastingResidence;
        Steer(now, target, requested, threshold: entry.Cdw12);
        MediumResult kept = vm.LastingResidence == before ? MediumResult.Success(now) : KeepResidence(now, vm);
        return Ended(erase ? kept.And(EraseDataOf(now, vm)) : kept);
    }

    /// <summary>
    /// Makes it durable where a VM is. What is done while the VM is paused, its halt and its arrival, is not waited for.
    /// </summary>
    private MediumResult KeepResidence(SimTime now, VmMonitor vm)
    {
        if (!vm.IsHalted && vm.LastingResidence != VmResidence.Here)
            return _drive.KeepMetadata(now);
        _drive.BeginToKeepMetadata(now);
        return MediumResult.Success(now);
    }

    /// <summary>Get Features D0h; with data the first bytes of log page D0h.</summary>
    /// <param name="data">Cleared.</param>
    private CommandOutcome GetVmMigrationFeature(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((ushort)entry.Cdw11 != 0 || entry.Cdw12 != 0 || entry.Cdw13 != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);

        // What cannot be saved has its default where a saved value is asked for.
        var select = (FeatureSelect)(entry.Cdw10 >> 8 & 7);
        VmMigrationStatus page = select == FeatureSelect.Current
            ? MigrationStatusOf(target)
            : new VmMigrationStatus { Version = 1, Target = target.Id, Flags = (uint)target.Id << 16 };
        ReadOnlySpan<byte> bytes = WireStruct.Bytes(ref page);
        bytes[..Math.Min(bytes.Length, data.Length)].CopyTo(data);
        return CommandOutcome.Success(now, page.Flags);
    }

    /// <summary>
    /// The target that a command names, if this host may name it. Where no manager is listed a host may name the VMs that
    /// share its controllers as it may name itself.
    /// </summary>
    /// <returns>Success, Operation Denied, or Invalid Field when there is no such target.</returns>
    private Status FindTarget(ushort handle, out VmTarget target)
    {
        BoundVm? bound = _drive.Controllers.FindBound(handle);
        bool itself = handle == VendorCommandSet.TargetSelf || handle == Id || bound?.Slot.Vm == Vm;
        target = new VmTarget(_slot, bound);
        if (!_drive.Controllers.MayManage(Host, itself))
            return Status.OperationDenied;
        if (bound != null)
            target = new VmTarget(bound.Slot, bound);
        else if (!itself && _drive.Controllers.Find(handle) is { } slot)
            target = new VmTarget(slot);
        else if (!itself)
            return Status.InvalidField;
        return Status.Success;
    }

    private VmMigrationStatus MigrationStatusOf(VmTarget target)
    {
        var status = new VmMigrationStatus
        {
            Version = 1,
            Target = target.Id,
            Flags = (uint)target.Vm.Flags | ((uint)target.Id << 16),
            Phase = (uint)target.Vm.Phase,
            Threshold = target.Vm.Threshold,
            GranulesWritten = target.Vm.GranulesWritten,
            GranulesDirty = target.Vm.GranulesDirty,
            Round = target.Vm.Round,
            PagesErased = target.Vm.PagesErased,
            PagesLeft = target.Vm.PagesLeft,
            IsConnected = target.Slot.Current is { IsConnected: true } ? (ushort)1 : (ushort)0,
            IoCommands = target.Vm.Counts.ReadCommands + target.Vm.Counts.WriteCommands,
            BytesWritten = target.Vm.Counts.BytesWritten,
            IoNanoseconds = target.Vm.Counts.Nanoseconds,
            WriteLimit = target.Vm.WriteLimit.BytesPerSecond,
            CommandsHeld = (ulong)_drive.HeldWrites.CountOf(target.Vm),
            CommandsHeldInAll = target.Vm.WriteLimit.CommandsHeld,
            NanosecondsHeld = (ulong)target.Vm.WriteLimit.TimeHeld.Nanoseconds,
            CommandsFenced = target.Vm.CommandsFenced,
        };
        _drive.MediumId.TryWriteBytes(status.Medium, bigEndian: true, out _);
        target.Caching.Describe(ref status);
        return status;
    }

    /// <summary>
    /// Changes the settings of a VM, and what follows for its controllers: a paused guest sends no keep-alives and
    /// receives no frames, and one that is fenced, or no longer, has another path to look for.
    /// </summary>
    private void Steer(SimTime now, VmTarget target, VmMigrationFlags requested, uint threshold)
    {
        VmMonitor vm = target.Vm;
        Controller[] controllers = [.. _drive.ConnectedControllers.Where(controller => controller.Vm == vm)];
        bool isHalted = (requested & VmMigrationFlags.Halted) != 0;
        bool wasFenced = vm.IsFenced;
        bool wasHalted = vm.IsHalted;
        foreach (Controller controller in controllers)
        {
            if (isHalted)
                controller.Hold(now);
        }

        bool wasSource = vm.IsSource;
        bool wasDestination = vm.IsDestination;
        bool completes = (requested & VmMigrationFlags.Completed) != 0;
        StateImage? cacheToWarm = completes ? vm.CacheToWarm : null;
        if ((requested & VmMigrationFlags.Active) == 0)
            _drive.Transfers.Cancel(now, vm);
        vm.Set(requested, threshold, hostIsOwnManager: _drive.Controllers.MayManage(target.Host, itself: true));
        if (!vm.IsSource || vm.IsHalted)
            _drive.HeldWrites.LetGo(now, vm);
        _drive.FollowMigration(now, target, wasHalted);
        _drive.Transfers.Steered(now, vm, completes);
        if (vm.IsSource && !wasSource)
            vm.BecameSource(now);
        if (vm.IsSource && !wasSource)
            StateCapture.Start(_drive, now, target);
        if (wasDestination && !vm.IsDestination)
            _drive.EndArrival(now, vm, cacheToWarm);
        foreach (Controller controller in controllers)
        {
            if (vm.IsFenced != wasFenced)
                controller.ReportAccessChange();
            if (!isHalted)
                controller.Release(now);
        }

        _drive.Schedule();
    }

    /// <summary>
    /// Whether a VM other than this one, managers aside, has a namespace of it. One that shares its controller erases what
    /// it alone wrote.
    /// </summary>
    private bool SharesNamespaces(VmMonitor vm) => !vm.SharesController
        && _drive.NamespacesOf(vm).Any(ns => _drive.Controllers.Slots.Any(slot =>
            slot.Vm != vm && ns.IsAttachedTo(slot.Id) && !_drive.Controllers.IsManager(slot.Host)));

    /// <summary>Deallocates what is the VM's, and looks afterwards whether anything of it is left.</summary>
    private MediumResult EraseDataOf(SimTime now, VmMonitor vm)
    {
        MediumResult result = MediumResult.Success(now);
        ulong erased = 0, left = 0;
        foreach (Namespace ns in _drive.NamespacesOf(vm))
        {
            IReadOnlyList<BlockRange> own = ns.OwnedBy(vm);
            if (!vm.SharesController && !_drive.Snapshots.DeleteAll(now, ns))
                return new MediumResult(now, MediumStatus.WriteFault);
            foreach (BlockRange range in own)
            {
                erased += ns.PagesWithData(range);
                result = result.And(ns.Deallocate(now, range, Vm));
            }

            foreach (BlockRange range in own)
                left += ns.PagesWithData(range);
        }

        vm.WasErased(erased, left);
        Check.That(left == 0 || !result.IsSuccess);
        return result;
    }
}
