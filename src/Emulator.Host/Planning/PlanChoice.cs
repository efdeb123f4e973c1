using Emulator.Host.Configuration;
using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Planning;

/// <summary>Which scheme, by the way that the user wants it chosen.</summary>
internal static class PlanChoice
{
    public const string ByCost = "cost";
    public const string ByCutOffs = "cutoffs";

    private static readonly string[] Names =
        [.. SchemeNames.All.Where(scheme => MigrationEstimator.Schemes.Contains(scheme.Kind)).Select(scheme => scheme.Name)];

    public static string KnownSchemes { get; } = string.Join(", ", Names);

    /// <param name="by">One of the constants.</param>
    /// <exception cref="UserErrorException">The cut-offs cannot choose among what is allowed.</exception>
    public static SchemeChoice Of(
        string by, MigrationTask task, MigrationOutlook outlook, double gamma, IReadOnlyCollection<SchemeKind> allowed,
        double? firstCutOff, double? secondCutOff)
    {
        if (by == ByCost)
            return SchemeChoice.ByCost(outlook, gamma, allowed, SchemeNames.Of);
        if (firstCutOff is { } first && secondCutOff is { } second && first > second)
            throw new UserErrorException("--cut-off-1: must not be more than --cut-off-2");
        return SchemeChoice.ByCutOffs(task.Source.IsSsd, task.Destination.IsSsd, gamma, allowed, firstCutOff, secondCutOff)
            ?? throw new UserErrorException("--by cutoffs: they choose among LR, SLR and AIO, and --schemes allows none of these");
    }

    /// <summary>Schemes by their names, with commas between; all for null.</summary>
    /// <exception cref="FormatException">There is no such scheme to choose.</exception>
    public static IReadOnlyList<SchemeKind> ParseSchemes(string? text)
    {
        if (text == null)
            return MigrationEstimator.Schemes;
        string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 0 ? throw new FormatException("names no scheme") : [.. parts.Select(ParseScheme).Distinct()];
    }

    /// <exception cref="FormatException">There is no such scheme to choose.</exception>
    public static SchemeKind ParseScheme(string name)
    {
        foreach ((string known, SchemeKind kind) in SchemeNames.All)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase) && Names.Contains(known))
                return kind;
        }

        string? near = Spelling.Nearest(name, Names);
        throw new FormatException($"there is no scheme '{name}' to choose; "
            + (near == null ? $"schemes are {KnownSchemes}" : $"did you mean '{near}'?"));
    }
}
