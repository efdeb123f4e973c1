using Emulator.Migration;

namespace Emulator.UnitTests.Migration;

/// <summary>A namespace of 4096-byte blocks whose granules read as zero where they are listed.</summary>
public sealed class FakeNamespace(uint nsid, ulong blockCount, int blockShift = 12) : ITrackedNamespace
{
    private readonly HashSet<ulong> _zeroGranules = [];

    public uint Nsid => nsid;

    public int BlockShift { get; set; } = blockShift;

    public ulong BlockCount { get; set; } = blockCount;

    public void MakeZero(params ulong[] granules) => _zeroGranules.UnionWith(granules);

    public ulong GranulesAlike(ulong first, ulong count, int granuleShift, out bool readAsZero)
    {
        // One at a time, so that the list has to merge them.
        readAsZero = _zeroGranules.Contains(first);
        return 1;
    }
}
