using Emulator.Core;
using Emulator.Flash.Profiles;
using Emulator.Ftl;
using Emulator.Ftl.Superblocks;

namespace Emulator.Host.Configuration;

/// <summary>How the translation layer of a drive works; the defaults are those of <see cref="FtlOptions"/>.</summary>
public sealed record FtlSettings
{
    private static readonly FtlOptions Default = new();

    public VictimPolicy Victims { get; init; } = Default.Victims;

    /// <summary>Superblocks open for host streams at the same time, at most.</summary>
    public int HostStreams { get; init; } = Default.HostFrontiers;

    /// <summary>The same for what the collector moves.</summary>
    public int CollectorStreams { get; init; } = Default.CollectorFrontiers;

    public bool SeparateHotAndCold { get; init; } = Default.SeparatesHotAndCold;

    /// <summary>Erases by which superblocks may differ before static wear levelling moves data; 0 for none.</summary>
    public int WearSpread { get; init; } = Default.WearSpread;

    /// <summary>Milliseconds without a command before idle time is used to collect; 0 for never.</summary>
    public int IdleCollectionMs { get; init; }

    /// <summary>What is collected in idle time, in percent of the size.</summary>
    public int IdleCollectionPercent { get; init; } = Default.IdleCollectionPercent;

    /// <summary>DRAM for the map, 0 for all of it; null for what the profile says, or for all without one.</summary>
    public ByteSize? MappingCache { get; init; }

    /// <summary>What that DRAM keeps as a whole; null for what the profile says, or for pages without one.</summary>
    public MappingCacheUnit? MappingCacheUnit { get; init; }

    /// <param name="profile">Null without one.</param>
    public FtlOptions ToOptions(ControllerProfile? profile) => new()
    {
        Victims = Victims,
        HostFrontiers = HostStreams,
        CollectorFrontiers = CollectorStreams,
        SeparatesHotAndCold = SeparateHotAndCold,
        WearSpread = WearSpread,
        IdleCollection = IdleCollectionMs == 0 ? null : SimDuration.FromMilliseconds(IdleCollectionMs),
        IdleCollectionPercent = IdleCollectionPercent,
        MappingCacheBytes = MappingCache?.Bytes ?? profile?.MappingCacheBytes ?? 0,
        MappingCacheUnit = MappingCacheUnit
            ?? (profile is { MappingCacheKeepsEntries: true } ? Ftl.MappingCacheUnit.Entry : Ftl.MappingCacheUnit.Page),
    };

    /// <exception cref="FormatException">There is no such unit.</exception>
    public static MappingCacheUnit ParseUnit(string text) => text switch
    {
        "page" => Ftl.MappingCacheUnit.Page,
        "entry" => Ftl.MappingCacheUnit.Entry,
        _ => throw new FormatException($"'{text}' is no unit of a mapping cache; there are page and entry"),
    };
}

/// <summary>The names of the policies that choose victims.</summary>
public static class VictimPolicyText
{
    private static readonly VictimPolicy[] All = [VictimPolicy.Greedy, VictimPolicy.CostBenefit];

    /// <exception cref="FormatException">There is no such policy.</exception>
    public static VictimPolicy Parse(string text) => Array.Find(All, policy => policy.Name == text)
        ?? throw new FormatException(
            $"'{text}' is no policy; there are {string.Join(" and ", All.Select(policy => policy.Name))}");
}
