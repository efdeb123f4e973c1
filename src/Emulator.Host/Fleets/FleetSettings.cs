using Emulator.Host.Configuration;
using Emulator.Host.Planning;

namespace Emulator.Host.Fleets;

/// <summary>A fleet as its file describes it: specs/planning.md.</summary>
public sealed record FleetSettings
{
    /// <summary>longest, gain, cheapest or given.</summary>
    public string Order { get; init; } = "longest";

    /// <summary>Migrations at a time; 0 for no limit.</summary>
    public int Migrations { get; init; }

    public double Gamma { get; init; } = 0.5;

    /// <summary>With commas between; empty for all.</summary>
    public string Schemes { get; init; } = "";

    public IReadOnlyList<PoolSettings> Pools { get; init; } = [];

    public IReadOnlyList<LinkSettings> Links { get; init; } = [];

    public IReadOnlyList<VmSettings> Vms { get; init; } = [];
}

public sealed record PoolSettings
{
    public string Name { get; init; } = "";

    /// <summary>ssd, hdd, or a profile.</summary>
    public string Drive { get; init; } = PlannedMedium.StatedSsd;

    /// <summary>ssd or hdd, for a profile that does not tell.</summary>
    public string? Kind { get; init; }

    public int Devices { get; init; } = 1;

    /// <summary>Of one device.</summary>
    public ByteSize Capacity { get; init; } = new(1L << 40);

    /// <summary>At a time, of one device.</summary>
    public int Migrations { get; init; } = 1;

    /// <summary>Bytes a second that migrations may copy from and to one device; left out for what it does in sequence.</summary>
    public ByteSize? Bandwidth { get; init; }
}

public sealed record LinkSettings
{
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    /// <summary>Bytes a second; left out for no limit.</summary>
    public ByteSize? Bandwidth { get; init; }

    /// <summary>At a time; left out for no limit.</summary>
    public int? Migrations { get; init; }
}

public sealed record VmSettings
{
    public string Name { get; init; } = "";

    public string From { get; init; } = "";

    public int Device { get; init; }

    public string To { get; init; } = "";

    public ByteSize Image { get; init; } = new(20L << 30);

    /// <summary>Of the requests, in percent.</summary>
    public int Read { get; init; } = 70;

    public ByteSize RequestSize { get; init; } = new(8192);

    public int Outstanding { get; init; } = 4;

    /// <summary>Requests a second; left out for as many as the source can do.</summary>
    public double? Iops { get; init; }

    /// <summary>Of the image, in percent.</summary>
    public int WorkingSet { get; init; } = 20;

    public int Sequential { get; init; }

    public double Zipf { get; init; }

    /// <summary>Of the image, in percent: what was ever written.</summary>
    public int Used { get; init; } = 100;

    /// <summary>Left out for that of the fleet.</summary>
    public double? Gamma { get; init; }

    /// <summary>Left out for the cheapest.</summary>
    public string? Scheme { get; init; }
}
