namespace Emulator.Host.Bench;

/// <summary>Measures a quantity without and with something, in turns: in one order, and then the other.</summary>
internal static class Turns
{
    /// <param name="turns">How often each is measured; one turn before compiles the code and does not count.</param>
    /// <param name="measure">Told whether it is on.</param>
    public static TurnsReport Take(string what, string unit, int turns, Func<bool, double> measure)
    {
        var off = new List<double>(turns);
        var on = new List<double>(turns);
        for (int turn = -1; turn < turns; turn++)
        {
            bool first = turn % 2 != 0;
            double one = measure(first);
            double other = measure(!first);
            if (turn < 0)
                continue;
            on.Add(first ? one : other);
            off.Add(first ? other : one);
        }

        double[] differences = [.. on.Zip(off, (x, y) => x - y)];
        return new TurnsReport(what, unit, Rate.From(off), Rate.From(on), Rate.From(differences), ErrorOf(differences));
    }

    /// <summary>
    /// The standard error of a median, from the median deviation rather than the mean one: a turn in which the machine did
    /// something else does not count for more than one turn.
    /// </summary>
    private static double ErrorOf(double[] values)
    {
        const double deviationOfNormal = 1.4826;
        const double medianOverMean = 1.2533;
        double median = Rate.From(values).Median;
        double deviation = Rate.From([.. values.Select(value => Math.Abs(value - median))]).Median;
        return deviationOfNormal * medianOverMean * deviation / Math.Sqrt(values.Length);
    }
}

/// <summary>A quantity without and with something, over all turns.</summary>
/// <param name="Difference">How much more it was than without, in the same turn.</param>
/// <param name="DifferenceError">Standard error of the median difference.</param>
internal sealed record TurnsReport(string What, string Unit, Rate Off, Rate On, Rate Difference, double DifferenceError);
