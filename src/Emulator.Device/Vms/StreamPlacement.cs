using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Which pages of a namespace a VM wrote by which streams on the drive that it comes from, so that whoever brings its data
/// puts it together in the same way.
/// </summary>
internal sealed class StreamPlacement(UInt128 host)
{
    private readonly List<(ulong First, ulong End, uint Stream)> _runs = [];

    public bool IsEmpty => _runs.Count == 0;

    /// <summary>Adds a part behind those that were added before.</summary>
    public void Add(uint part, ReadOnlySpan<PlacementRun> runs)
    {
        ulong start = (ulong)part << StateSetHeader.PartShift;
        foreach (PlacementRun run in runs)
            _runs.Add((start + run.First, start + run.First + run.Count, run.Stream));
    }

    /// <summary>The stream for a page that is written without one.</summary>
    public WriteStream StreamOf(StreamResources streams, uint nsid, ulong page)
    {
        int low = 0, high = _runs.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_runs[middle].End <= page)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == _runs.Count || page < _runs[low].First)
            return WriteStream.Host;
        uint stream = _runs[low].Stream;
        return stream == PlacementRun.Cold ? WriteStream.HostCold : streams.ForWrite(host, nsid, (ushort)stream);
    }
}
