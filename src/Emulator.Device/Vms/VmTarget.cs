using Emulator.Migration;

namespace Emulator.Device;

/// <summary>The VM that a command of the vendor command set is about.</summary>
/// <param name="Slot">The controller that it has, or shares.</param>
/// <param name="Bound">Null for the VM that has the controller.</param>
internal readonly record struct VmTarget(ControllerSlot Slot, BoundVm? Bound = null)
{
    /// <summary>CNTLID or handle.</summary>
    public ushort Id => Bound?.Handle ?? Slot.Id;

    public HostIdentity Host => Slot.Host;

    public VmCaching Caching => Bound?.Caching ?? Slot.Caching;

    public VmMonitor Vm => Caching.Vm;
}
