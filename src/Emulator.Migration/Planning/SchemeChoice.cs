using System.Globalization;

namespace Emulator.Migration;

/// <summary>A scheme that was chosen for a migration, and why, in words.</summary>
public sealed record SchemeChoice(SchemeKind Kind, string Reason)
{
    /// <summary>A migration that takes more than so many idle copies is as good as failed.</summary>
    public const double MostCopyTimes = 25;

    /// <summary>
    /// The lowest predicted cost by equation 4 (US 9,195,401, embodiments 12 and 17). Schemes that are not expected to converge
    /// or to end are left out as long as there are others; of equal costs the shorter migration is taken.
    /// </summary>
    /// <param name="gamma">From 0 to 1.</param>
    /// <param name="allowed">At least one, among <see cref="MigrationEstimator.Schemes"/>.</param>
    /// <param name="nameOf">What to call a scheme in the reason.</param>
    public static SchemeChoice ByCost(
        MigrationOutlook outlook, double gamma, IReadOnlyCollection<SchemeKind> allowed, Func<SchemeKind, string> nameOf)
    {
        MigrationForecast[] candidates = [.. outlook.Forecasts.Where(forecast => allowed.Contains(forecast.Kind))];
        MigrationForecast[] sound = [.. candidates.Where(forecast => forecast.IsSound)];
        MigrationForecast[] ranked =
        [
            .. (sound.Length > 0 ? sound : candidates)
                .OrderBy(forecast => forecast.Cost.Total(gamma)).ThenBy(forecast => forecast.Seconds),
        ];
        string reason = Invariant($"lowest predicted cost at gamma {gamma:0.##}: {ranked[0].Cost.Total(gamma):0.00}");
        if (ranked.Length > 1)
            reason += Invariant($", before {nameOf(ranked[1].Kind)} with {ranked[1].Cost.Total(gamma):0.00}");
        if (sound.Length == 0)
            reason += "; none is expected to end well";
        else if (sound.Length < candidates.Length)
            reason += "; left out: " + string.Join(", ", candidates.Where(forecast => !forecast.IsSound).Select(Fault));
        return new SchemeChoice(ranked[0].Kind, reason);

        string Fault(MigrationForecast forecast) => nameOf(forecast.Kind) + (forecast.Converges
            ? Invariant($" (takes {forecast.Cost.MigrationTime:0} idle copies)")
            : " (does not converge)");
    }

    /// <summary>
    /// The cut-offs of embodiments 37 to 44 for SSD to HDD, of which those apply that are about the allowed schemes, and what
    /// the text says beside them of the other directions.
    /// </summary>
    /// <param name="first">CO1; null for the value of the embodiment.</param>
    /// <param name="second">CO2 of embodiment 37; null for 0.6.</param>
    /// <returns>Null if none of LR, SLR and AIO is allowed.</returns>
    public static SchemeChoice? ByCutOffs(
        bool isSourceSsd, bool isDestinationSsd, double gamma, IReadOnlyCollection<SchemeKind> allowed,
        double? first = null, double? second = null)
    {
        SchemeKind[] known = [.. Adaptive.Where(allowed.Contains)];
        if (known.Length == 0)
            return null;
        if (known.Length == 1)
            return new SchemeChoice(known[0], "the only one of LR, SLR and AIO that is allowed");
        if (!isSourceSsd || isDestinationSsd)
            return Elsewhere(isDestinationSsd, known);
        return known switch
        {
            [_, _, _] => OfThree(gamma, first ?? 0.3, second ?? 0.6),
            [SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy] => OfTwo(known, gamma, first ?? 0.6, 39),
            [SchemeKind.LowRedundancy, _] => OfTwo(known, gamma, first ?? 0.5, 41),
            _ => OfTwo(known, gamma, first ?? 0.3, 43),
        };
    }

    /// <summary>(a), (b) and (c) of the text.</summary>
    private static readonly SchemeKind[] Adaptive =
        [SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy, SchemeKind.AsynchronousMirroring];

    private static SchemeChoice OfThree(double gamma, double first, double second) =>
        gamma >= second ? new(Adaptive[0], Invariant($"SSD to HDD and gamma {gamma:0.##} from {second:0.##} on (embodiment 37)"))
        : gamma >= first ? new(Adaptive[1], Invariant($"SSD to HDD and gamma {gamma:0.##} from {first:0.##} to below {second:0.##} (embodiment 37)"))
        : new(Adaptive[2], Invariant($"SSD to HDD and gamma {gamma:0.##} below {first:0.##} (embodiment 37)"));

    private static SchemeChoice OfTwo(SchemeKind[] known, double gamma, double cutOff, int embodiment) => gamma >= cutOff
        ? new(known[0], Invariant($"SSD to HDD and gamma {gamma:0.##} from {cutOff:0.##} on (embodiment {embodiment})"))
        : new(known[1], Invariant($"SSD to HDD and gamma {gamma:0.##} below {cutOff:0.##} (embodiment {embodiment})"));

    /// <summary>What is typically cheapest at any gamma: LR towards an SSD, and (c), which is AIO, between disks.</summary>
    private static SchemeChoice Elsewhere(bool isDestinationSsd, SchemeKind[] known)
    {
        SchemeKind wanted = isDestinationSsd ? SchemeKind.LowRedundancy : SchemeKind.AsynchronousMirroring;
        if (known.Contains(wanted))
        {
            return new SchemeChoice(wanted, isDestinationSsd
                ? "LR is typically cheapest towards an SSD, whatever gamma is (after embodiment 38)"
                : "AIO is typically cheapest between HDDs, whatever gamma is (after embodiment 44; the text's figure 14 has SLR)");
        }

        return new SchemeChoice(SchemeKind.SourceLowRedundancy, "what the text prefers in this direction is not allowed; SLR is between LR and AIO");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
