using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>Reading through the cache, which is told what the read is for and reads on ahead of it.</summary>
public sealed partial class Controller
{
    /// <summary>Whether this host may steer the migration of a VM, and so is who copies it.</summary>
    internal bool Manages(VmMonitor vm) => _isManager ? vm != Vm : _isOwnManager && _slot.Has(vm);

    private MediumResult ReadBlocks(SimTime now, Namespace ns, BlockRange range, Span<byte> data, bool isForced)
    {
        if (isForced)
            return ns.Read(now, range, data, new CacheHints(0, CacheHint.Through));
        if (_drive.FindCopied(ns, this) is { } copied)
            return ReadToCopy(now, ns, range, data, copied);

        long usedBefore = _drive.CacheCounters.PrefetchesUsed;
        MediumResult result = ns.Read(now, range, data, _slot.Caching.ReadHints);
        ReadAhead(now, ns, range, result, usedBefore, default);
        return result;
    }

    /// <summary>A manager, or the VM's host where it is its own, reads what it moves elsewhere.</summary>
    private MediumResult ReadToCopy(SimTime now, Namespace ns, BlockRange range, Span<byte> data, VmCaching copied)
    {
        long usedBefore = _drive.CacheCounters.PrefetchesUsed;
        CacheHints hints = copied.ManagerHints;
        if (copied.Vm == Vm)
            hints = hints.With(_slot.Caching.ReadHints.Hint);
        MediumResult result = ns.Read(now, range, data, hints);
        copied.HasRead(now, ns, range, isFromPrefetched: _drive.CacheCounters.PrefetchesUsed != usedBefore);
        ReadAhead(now, ns, range, result, usedBefore, copied.PrefetchHints);
        return result;
    }

    /// <summary>Where reads take time, or would have: ahead of others that are in sequence.</summary>
    private void ReadAhead(
        SimTime now, Namespace ns, BlockRange range, MediumResult result, long usedBefore, CacheHints hints)
    {
        bool pays = result.Done > now || _drive.CacheCounters.PrefetchesUsed != usedBefore;
        if (pays && _drive.Pages.StoreTakesTime && _drive.Options.Cache.Prefetch && result.IsSuccess)
            _drive.ReadAheadOf(now, this, ns, range, hints);
    }
}
