using Emulator.Cache;
using Emulator.Core;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>Reading into the cache what will be asked for.</summary>
public sealed partial class Namespace
{
    /// <summary>Reads pages of the namespace into the cache, those that hold data and are not there.</summary>
    /// <param name="first">First page.</param>
    /// <param name="count">Pages; those beyond the end are left out.</param>
    /// <returns>Pages that are on their way now.</returns>
    internal int Prefetch(SimTime now, ulong first, int count, CacheHints hints)
    {
        int prefetched = 0;
        ulong end = Math.Min(first + (uint)count, PageCount);
        for (ulong page = first; page < end; page++)
            prefetched += _pages.Prefetch(now, _map.At(page), hints) ? 1 : 0;
        return prefetched;
    }

    /// <summary>The pages that hold blocks.</summary>
    internal (ulong First, int Count) PagesOf(BlockRange range)
    {
        ulong first = range.Start << BlockShift >> PageShift;
        ulong end = ((range.End << BlockShift) + PageMask) >> PageShift;
        return (first, (int)(end - first));
    }

    /// <summary>Whether a VM has the namespace.</summary>
    internal bool IsOf(VmMonitor vm)
    {
        foreach (ChangeTracker tracker in _trackers)
        {
            if (tracker.Monitor == vm)
                return tracker.IsAttached;
        }

        return false;
    }
}
