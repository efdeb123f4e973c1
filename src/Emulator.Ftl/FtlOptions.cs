using Emulator.Core;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>How a translation layer works; nothing of it changes afterwards.</summary>
public sealed record FtlOptions
{
    /// <summary>Which superblock is collected next.</summary>
    public VictimPolicy Victims { get; init; } = VictimPolicy.Greedy;

    /// <summary>
    /// Superblocks that are open for host streams at the same time, at most. A further stream takes part in the superblock
    /// that was written longest ago. A drive with little spare capacity has fewer.
    /// </summary>
    public int HostFrontiers { get; init; } = 8;

    /// <summary>The same for what is moved: streams are kept apart as far as this goes.</summary>
    public int CollectorFrontiers { get; init; } = 4;

    /// <summary>Whether pages that hosts write without a stream go to one of two, by how often their place is written.</summary>
    public bool SeparatesHotAndCold { get; init; }

    /// <summary>
    /// By how many erases the most worn free superblock may be ahead of the least worn closed one before the data of that
    /// is moved there; 0 for no static wear levelling.
    /// </summary>
    public int WearSpread { get; init; } = 64;

    /// <summary>How long no host has asked for anything before idle time is used to collect; null for never.</summary>
    public SimDuration? IdleCollection { get; init; }

    /// <summary>
    /// Room that is collected in idle time beyond what writes ask for, in percent of the capacity; superblocks that are
    /// more than half valid are left alone.
    /// </summary>
    public int IdleCollectionPercent { get; init; } = 5;

    /// <summary>DRAM for the map in bytes, which has 4 for each page; 0 for the whole map. It is a matter of time alone.</summary>
    public long MappingCacheBytes { get; init; }

    /// <summary>What that DRAM keeps and gives up as a whole.</summary>
    public MappingCacheUnit MappingCacheUnit { get; init; }

    /// <summary>Snapshots that there can be at the same time.</summary>
    public int MostSnapshots { get; init; } = 64;

    /// <summary>Says in one line what is impossible; null when nothing is.</summary>
    public string? Problem()
    {
        if (HostFrontiers is < 1 or > 64)
            return $"{HostFrontiers} superblocks open for hosts must be 1 to 64";
        if (CollectorFrontiers is < 1 or > 64)
            return $"{CollectorFrontiers} superblocks open for the collector must be 1 to 64";
        if (WearSpread is < 0 or > 1_000_000)
            return $"a spread of {WearSpread} erases must be 0 to 1000000";
        if (IdleCollection is { Nanoseconds: <= 0 })
            return "the idle time before collection must be longer than 0";
        if (IdleCollectionPercent is < 0 or > 100)
            return $"idle collection of {IdleCollectionPercent} percent must be 0 to 100";
        if (MostSnapshots is < 0 or > 1024)
            return $"{MostSnapshots} snapshots must be 0 to 1024";
        if (MappingCacheBytes is < 0 or (> 0 and < Flash.FlashGeometry.PageBytes))
            return $"a mapping cache of {MappingCacheBytes} bytes must be 0, or 4096 at least";
        return null;
    }
}
