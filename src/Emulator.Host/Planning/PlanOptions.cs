using Emulator.Host.Configuration;

namespace Emulator.Host.Planning;

/// <summary>What the command line of plan says; null is asked.</summary>
internal sealed record PlanOptions
{
    public string? Source { get; init; }

    public string? Destination { get; init; }

    /// <summary>ssd or hdd, for a profile that does not tell.</summary>
    public string? SourceKind { get; init; }

    public string? DestinationKind { get; init; }

    public MediumFigures SourceFigures { get; init; } = new();

    public MediumFigures DestinationFigures { get; init; } = new();

    public ByteSize? Image { get; init; }

    public ByteSize? Room { get; init; }

    public int? ReadPercent { get; init; }

    public ByteSize? RequestSize { get; init; }

    public int? Outstanding { get; init; }

    /// <summary>0 for as many as the source can do.</summary>
    public double? Iops { get; init; }

    public int? WorkingSetPercent { get; init; }

    public int SequentialPercent { get; init; }

    public double Skew { get; init; }

    public int WrittenPercent { get; init; } = 100;

    /// <summary>From 0 to 10.</summary>
    public int? TimeMatters { get; init; }

    public int? LifetimeMatters { get; init; }

    /// <summary>Instead of how much the one and the other matter.</summary>
    public double? Gamma { get; init; }

    public string By { get; init; } = PlanChoice.ByCost;

    public double? FirstCutOff { get; init; }

    public double? SecondCutOff { get; init; }

    public string? Schemes { get; init; }

    public bool TakesDefaults { get; init; }

    public string? JsonFile { get; init; }

    public bool Force { get; init; }
}

/// <summary>Figures of a medium that an operator knows better than its name says.</summary>
internal sealed record MediumFigures
{
    public ByteSize? ReadBandwidth { get; init; }

    public ByteSize? WriteBandwidth { get; init; }

    public double? ReadIops { get; init; }

    public double? WriteIops { get; init; }
}
