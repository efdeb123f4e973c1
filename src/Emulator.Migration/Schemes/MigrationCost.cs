using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// What a migration costs, by equations 1 to 4 of US 9,195,401: three factors, and their sum under a weight. Each follows
/// from what was counted and measured.
/// </summary>
/// <param name="IoPenalty">Equation 1: the share of the best performance that the VM did not get; from 0 to 1.</param>
/// <param name="MigrationTime">Equation 2: how many times as long the migration took as a copy without a VM.</param>
/// <param name="WearOut">Equation 3: bytes written to SSDs for each that the VM wrote.</param>
public readonly record struct MigrationCost(double IoPenalty, double MigrationTime, double WearOut)
{
    /// <summary>Equation 4.</summary>
    /// <param name="gamma">Weight of the life of the SSDs against the VM's performance; from 0 to 1.</param>
    public double Total(double gamma) => MigrationTime * ((gamma * WearOut) + ((1 - gamma) * IoPenalty));

    public static MigrationCost Of(in MigrationMeasurement measured) => new(
        PenaltyOf(measured.BestPerformance, measured.Performance),
        measured.ImageCopyTime.Nanoseconds == 0
            ? 0
            : (double)measured.MigrationTime.Nanoseconds / measured.ImageCopyTime.Nanoseconds,
        WearOf(measured));

    private static double PenaltyOf(double best, double during) => best <= 0 ? 0 : Math.Max(0, (best - during) / best);

    /// <summary>
    /// Both rates of equation 3 are over the time of the migration, which leaves the quotient of the bytes. The image itself
    /// is not counted, as it is written under any scheme: what a pass does not have to write any more is taken off, and what
    /// is copied twice is added.
    /// </summary>
    private static double WearOf(in MigrationMeasurement measured)
    {
        SchemeCounters counters = measured.Counters;
        if (counters.BytesWritten == 0)
            return 0;
        long worn = measured.IsSourceWorn ? counters.BytesToSource : 0;
        if (measured.IsDestinationWorn)
            worn += counters.BytesToDestination + counters.BytesMerged - counters.BytesSkipped;
        return Math.Max(0, (double)worn / counters.BytesWritten);
    }
}

/// <summary>What the cost of a migration is computed from.</summary>
public readonly record struct MigrationMeasurement
{
    /// <summary>Requests a second of the VM on the better of the two sides, without a migration.</summary>
    public required double BestPerformance { get; init; }

    /// <summary>Requests a second during the migration.</summary>
    public required double Performance { get; init; }

    /// <summary>From the begin to the moment at which the VM can go on at the destination.</summary>
    public required SimDuration MigrationTime { get; init; }

    /// <summary>What copying the image takes while the VM is idle.</summary>
    public required SimDuration ImageCopyTime { get; init; }

    public required SchemeCounters Counters { get; init; }

    /// <summary>Whether the source is an SSD.</summary>
    public required bool IsSourceWorn { get; init; }

    /// <summary>Whether the destination is an SSD.</summary>
    public required bool IsDestinationWorn { get; init; }
}
