using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>A namespace of a VM that is copied: read through the cache, for the VM's manager.</summary>
internal sealed class NamespaceCopySource(Drive drive, Namespace ns, VmCaching caching) : ICopySource
{
    public uint Nsid { get; } = ns.Nsid;

    public int BlockShift { get; } = ns.BlockShift;

    public ulong BlockCount { get; } = ns.BlockCount;

    public bool IsAsBefore =>
        drive.Namespaces.Find(Nsid) == ns && ns.BlockShift == BlockShift && ns.BlockCount == BlockCount && ns.IsOf(caching.Vm);

    public ulong GranulesAlike(ulong first, ulong count, int granuleShift, out bool readAsZero) =>
        ns.GranulesAlike(first, count, granuleShift, out readAsZero);

    public CopyRead Read(SimTime now, ulong startLba, uint blockCount, Span<byte> destination)
    {
        var range = new BlockRange(startLba, blockCount);
        if (ns.IsUncorrectable(range))
            return new CopyRead(now, IsSuccess: false);
        MediumResult result = ns.Read(now, range, destination, caching.ManagerHints);
        SimTime done = drive.Link?.ToHost(result.Done, destination.Length) ?? result.Done;
        return new CopyRead(done, result.IsSuccess);
    }
}
