using Emulator.Cache;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// A controller identifier and the host that it was given to. It outlives the connection: a host that comes back finds
/// its identifier, its namespaces and its VM's monitor as it left them.
/// </summary>
internal sealed class ControllerSlot(ushort id, HostIdentity host, VmCaching caching)
{
    public ushort Id { get; internal set; } = id;

    public HostIdentity Host { get; } = host;

    public VmMonitor Vm => Caching.Vm;

    /// <summary>What the cache does for the VM; all controllers of a VM have the same.</summary>
    public VmCaching Caching { get; } = caching;

    /// <summary>The controller while the host is connected.</summary>
    public Controller? Current { get; set; }

    /// <summary>Values of features with controller scope; what was saved outlives the connection.</summary>
    public FeatureStore Features { get; } = new();

    /// <summary>Nothing was attached to it yet.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>What the host finds when it connects, from a storage state that was applied before; null for nothing.</summary>
    public AssociationState? Awaiting { get; set; }

    /// <summary>How far the counters of SMART are from those of the drive.</summary>
    public HealthOffset HealthOffset { get; set; }

    /// <summary>VMs that share the controller, by the streams that they write.</summary>
    public BoundVm[] Bound { get; set; } = [];

    /// <summary>Whether a VM has the controller, or shares it.</summary>
    public bool Has(VmMonitor vm) => vm == Vm || Array.Exists(Bound, bound => bound.Vm == vm);

    /// <summary>The VM that writes a stream; null if it is nobody's own.</summary>
    public BoundVm? FindBound(ushort stream)
    {
        foreach (BoundVm bound in Bound)
        {
            if (bound.Stream == stream)
                return bound;
        }

        return null;
    }
}

/// <summary>Controller identifiers, given out in ascending order, and the VMs behind them.</summary>
internal sealed partial class ControllerTable(DriveOptions options, NamespaceTable namespaces, PageCache pages)
    : IVmEvents, IDisposable
{
    /// <summary>Asynchronous Event Information of the vendor specific event that names log page D0h.</summary>
    private const byte ThresholdExceededEvent = 0;

    /// <summary>That of the one that names log page D8h.</summary>
    private const byte TransferEndedEvent = 1;

    private readonly SortedDictionary<ushort, ControllerSlot> _slots = [];

    public IEnumerable<ControllerSlot> Slots => _slots.Values;

    public IEnumerable<Controller> Connected =>
        from slot in _slots.Values where slot.Current != null select slot.Current;

    public ControllerSlot? Find(ushort id) => _slots.GetValueOrDefault(id);

    /// <summary>
    /// The identifier for a host that connects: the one it had, if it left it or shut the controller down; else a new
    /// one. When all are given out, the lowest that belongs to a host that is gone is taken from it.
    /// </summary>
    /// <returns>Null when every identifier has a host connected.</returns>
    public ControllerSlot? Reserve(SimTime now, HostIdentity host)
    {
        if (TakeLeft(now, host) is { } known)
            return known;

        if (LowestFree() is { } free)
            return Add(free, host, FirstResidenceOf(host));

        ControllerSlot? left = _slots.Values.FirstOrDefault(
            slot => slot.Current == null && slot.Vm.IsIdle && slot.Bound.Length == 0);
        if (left == null)
            return null;
        Remove(left);
        return Add(left.Id, host, FirstResidenceOf(host));
    }

    /// <summary>An identifier that a host had and has left, or shut the controller down; null if there is none.</summary>
    private ControllerSlot? TakeLeft(SimTime now, HostIdentity host)
    {
        ControllerSlot? left = FindLeft(host);
        left?.Current?.Terminate(now, CloseReason.ControllerReset);
        return left;
    }

    /// <summary>The slot of an identifier that a host had and does not use; null if there is none.</summary>
    private ControllerSlot? FindLeft(HostIdentity host)
    {
        foreach (ControllerSlot slot in _slots.Values)
        {
            if (slot.Host == host && slot.Current is not { IsInUse: true })
                return slot;
        }

        return null;
    }

    /// <summary>The lowest identifier that was given to nobody; null if there is none.</summary>
    private ushort? LowestFree()
    {
        for (int id = options.FirstControllerId; id <= options.LastControllerId; id++)
        {
            if (!_slots.ContainsKey((ushort)id))
                return (ushort)id;
        }

        return null;
    }

    /// <summary>The controllers that a VM has or shares, connected or not.</summary>
    public IEnumerable<ControllerSlot> SlotsOf(VmMonitor vm) => _slots.Values.Where(slot => slot.Has(vm));

    /// <summary>Whether a host is one that the configuration lets steer the migration of other hosts' VMs.</summary>
    public bool IsManager(HostIdentity host) => options.Managers.Contains(host.Nqn);

    /// <summary>
    /// Whether a host may steer the migration of a VM: managers may; where there are none, every host its own.
    /// </summary>
    public bool MayManage(HostIdentity host, bool itself) => options.Managers.Count == 0 ? itself : IsManager(host);

    public void ThresholdExceeded(VmMonitor vm) =>
        TellManagers(vm, new AsyncEventResult(
            AsyncEventType.VendorSpecific, ThresholdExceededEvent, LogPageId.VmMigrationStatus));

    /// <summary>A direct transfer of the VM is over, well or not.</summary>
    public void TransferEnded(VmMonitor vm) =>
        TellManagers(vm, new AsyncEventResult(
            AsyncEventType.VendorSpecific, TransferEndedEvent, LogPageId.DirectTransferProgress));

    /// <summary>Tells those who may read the log page that the event names.</summary>
    private void TellManagers(VmMonitor vm, AsyncEventResult raised)
    {
        foreach (ControllerSlot slot in _slots.Values)
        {
            if (MayManage(slot.Host, slot.Has(vm)))
                slot.Current?.Raise(raised);
        }
    }

    public void Dispose()
    {
        foreach (VmCaching caching in Cachings)
            caching.Vm.Dispose();
    }

    /// <summary>An identifier that a host had before the power went, and that it finds again.</summary>
    /// <param name="residence">Where the host's VM was.</param>
    public ControllerSlot Restore(ushort id, HostIdentity host, VmResidence residence)
    {
        ControllerSlot slot = Add(id, host, residence);
        slot.IsNew = false;
        return slot;
    }

    /// <summary>Where the VM of a host is that was never seen: a manager has none to move.</summary>
    private VmResidence FirstResidenceOf(HostIdentity host) =>
        options.IsStandby && !IsManager(host) ? VmResidence.NeverArrived : VmResidence.Here;

    private ControllerSlot Add(ushort id, HostIdentity host, VmResidence residence)
    {
        VmCaching caching = _slots.Values.FirstOrDefault(slot => slot.Host.Nqn == host.Nqn)?.Caching
            ?? new VmCaching(pages, new VmMonitor(options.TrackingGranuleBytes, this, residence));
        return _slots[id] = new ControllerSlot(id, host, caching);
    }

    private void Remove(ControllerSlot slot)
    {
        _slots.Remove(slot.Id);
        namespaces.DetachAll(slot, _slots.Values);
        if (!SlotsOf(slot.Vm).Any())
            slot.Vm.Dispose();
    }
}
