using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>VMs that share a controller (feature D2h of the vendor command set).</summary>
internal sealed partial class ControllerTable
{
    /// <summary>Each has bitmaps of its own for every namespace of the controller.</summary>
    private const int MostBound = 256;

    private readonly SortedDictionary<ushort, BoundVm> _bound = [];

    /// <summary>In ascending order of their handles.</summary>
    public IEnumerable<BoundVm> Bound => _bound.Values;

    /// <summary>What the cache does for each VM that there is.</summary>
    public IEnumerable<VmCaching> Cachings => _slots.Values.Select(slot => slot.Caching)
        .Concat(_bound.Values.Select(bound => bound.Caching))
        .Distinct();

    public BoundVm? FindBound(ushort handle) => _bound.GetValueOrDefault(handle);

    /// <summary>Binds a handle to a stream of a controller. To do so again as it is changes nothing.</summary>
    /// <returns>
    /// Success; Invalid Field if the handle or the stream is bound otherwise; Limit Reached.
    /// </returns>
    public Status Bind(ushort handle, ControllerSlot slot, ushort stream)
    {
        BoundVm? known = FindBound(handle);
        if (known != null || slot.FindBound(stream) != null)
            return known?.Slot == slot && known.Stream == stream ? Status.Success : Status.InvalidField;
        if (_bound.Count == MostBound)
            return Status.LimitReached;

        var vm = new VmMonitor(options.TrackingGranuleBytes, this) { SharesController = true };
        var bound = new BoundVm(handle, slot, stream, new VmCaching(pages, vm));
        _bound.Add(handle, bound);
        slot.Bound = [.. slot.Bound, bound];
        foreach (Namespace ns in namespaces.All)
        {
            if (ns.IsAttachedTo(slot.Id))
                ns.ReportChangesTo(vm);
        }

        return Status.Success;
    }

    /// <summary>Forgets a VM and what was recorded of it.</summary>
    /// <returns>Success, or Migration Busy while its migration is active.</returns>
    public Status Unbind(BoundVm bound)
    {
        if (bound.Vm.IsActive)
            return Status.MigrationBusy;
        _bound.Remove(bound.Handle);
        bound.Slot.Bound = Array.FindAll(bound.Slot.Bound, other => other != bound);
        foreach (Namespace ns in namespaces.All)
            ns.Forget(bound.Vm);
        bound.Vm.Dispose();
        return Status.Success;
    }
}
