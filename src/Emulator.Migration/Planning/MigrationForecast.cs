namespace Emulator.Migration;

/// <summary>What an estimator expects of a migration.</summary>
public sealed record MigrationForecast
{
    public required SchemeKind Kind { get; init; }

    /// <summary>Equations 1 to 3, and 4 by <see cref="MigrationCost.Total"/>.</summary>
    public required MigrationCost Cost { get; init; }

    /// <summary>From the begin until the VM can go on at the destination.</summary>
    public required double Seconds { get; init; }

    /// <summary>The last part of them, in which the VM is paused.</summary>
    public required double DowntimeSeconds { get; init; }

    /// <summary>Requests a second of the VM meanwhile.</summary>
    public required double Iops { get; init; }

    /// <summary>Bytes that are read at the source for the copy, all passes together.</summary>
    public required double BytesRead { get; init; }

    /// <summary>Bytes that the copy writes at the destination.</summary>
    public required double BytesCopied { get; init; }

    /// <summary>
    /// False if rounds are expected not to converge: dirty block tracking then falls back, by default to a pause for all that
    /// is dirty.
    /// </summary>
    public required bool Converges { get; init; }

    /// <summary>It converges, and ends in a time that is worth waiting for.</summary>
    public bool IsSound => Converges && Cost.MigrationTime <= SchemeChoice.MostCopyTimes;
}

/// <summary>What is the same for every scheme of a migration.</summary>
public sealed record MigrationOutlook
{
    /// <summary>Requests a second of the VM on the source alone, and on the destination alone.</summary>
    public required double IopsAtSource { get; init; }

    public required double IopsAtDestination { get; init; }

    /// <summary>Seconds that a process of the VM thinks between two requests, as stated or as it follows from the rate.</summary>
    public required double ThinkSeconds { get; init; }

    /// <summary>Seconds that a copy of the image takes while the VM is idle.</summary>
    public required double CopySeconds { get; init; }

    /// <summary>One for each scheme, in the order of <see cref="MigrationEstimator.Schemes"/>.</summary>
    public required IReadOnlyList<MigrationForecast> Forecasts { get; init; }

    public MigrationForecast Of(SchemeKind kind) => Forecasts.First(forecast => forecast.Kind == kind);
}
