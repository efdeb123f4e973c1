using Emulator.Migration;

namespace Emulator.Device;

/// <summary>
/// A VM among several that write through one controller, bound to a stream of it by feature D2h: what carries the stream
/// is the VM's, in tracking and in the cache.
/// </summary>
/// <param name="handle">8000h to FFFEh.</param>
/// <param name="stream">Identifier of the stream, not 0.</param>
internal sealed class BoundVm(ushort handle, ControllerSlot slot, ushort stream, VmCaching caching)
{
    public ushort Handle { get; } = handle;

    public ControllerSlot Slot { get; } = slot;

    public ushort Stream { get; } = stream;

    public VmMonitor Vm => Caching.Vm;

    public VmCaching Caching { get; } = caching;
}
