using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>A namespace of a VM that is copied: read through the cache, for the VM's manager.</summary>
internal sealed class NamespaceCopySource(Drive drive, Namespace ns, VmCaching caching) : ICopySource
{
    private const int PageShift = 12;

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

    public StoredFormSupport FormSupport => ns.FormSupport;

    public StoredRead ReadStored(SimTime now, ulong startLba, uint blockCount, Span<byte> destination)
    {
        StoredRead read = StoredPages.Pack(now, ns, startLba, blockCount, destination);
        return drive.Link is { } link ? read with { Done = link.ToHost(read.Done, read.Length) } : read;
    }

    public bool TryAddChanges(SimTime now, ushort snapshot, TwoLevelBitmap granules, int granuleShift)
    {
        if (drive.Snapshots.Find(snapshot) is not { } since || since.Nsid != Nsid || !drive.Pages.Destage(now).IsSuccess)
            return false;
        using TwoLevelBitmap pages = ns.ChangesSince(since);
        for (long at = 0; pages.TryNextRun(at, out long first, out long count); at = first + count)
        {
            BlockRange blocks = ns.BlocksOf((ulong)first, (ulong)count);
            long begin = (long)(blocks.Start << BlockShift >> granuleShift);
            long end = (long)(((blocks.End << BlockShift) - 1) >> granuleShift) + 1;
            granules.Set(begin, end - begin);
        }

        return true;
    }

    public SimTime Checksum(SimTime now, ulong range, int rangeShift, Span<byte> digest)
    {
        int shift = rangeShift - PageShift;
        return drive.Checksums.Compute(now, ns, range << shift, 1UL << shift, digest);
    }
}
