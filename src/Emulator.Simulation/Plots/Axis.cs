using System.Globalization;

namespace Emulator.Simulation.Plots;

/// <summary>Maps values to positions along an axis and chooses round numbers to mark on it.</summary>
internal sealed class Axis
{
    private const int WantedTicks = 6;

    /// <summary>From this ratio of the largest to the smallest value on, equal distances stand for equal factors.</summary>
    private const double LogarithmicFrom = 30;

    private readonly bool _isLogarithmic;
    private readonly double _low;
    private readonly double _high;

    private Axis(double low, double high, bool isLogarithmic, IReadOnlyList<double> ticks)
    {
        _low = low;
        _high = high;
        _isLogarithmic = isLogarithmic;
        Ticks = ticks;
    }

    /// <summary>Values to mark.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>From 0 to the first mark that is not below any value.</summary>
    public static Axis Linear(double largest)
    {
        double step = RoundStep(Math.Max(largest, double.Epsilon) / WantedTicks);
        int count = (int)Math.Ceiling((largest / step) - 1e-9);
        double[] ticks = [.. Enumerable.Range(0, Math.Max(1, count) + 1).Select(i => i * step)];
        return new Axis(0, ticks[^1], false, ticks);
    }

    /// <summary>From 0 to just the largest value.</summary>
    public static Axis Exact(double largest)
    {
        double step = RoundStep(Math.Max(largest, double.Epsilon) / WantedTicks);
        double[] ticks = [.. Enumerable.Range(0, (int)((largest / step) + 1e-9) + 1).Select(i => i * step)];
        return new Axis(0, Math.Max(largest, double.Epsilon), false, ticks);
    }

    /// <summary>Linear, or logarithmic if the values lie far apart.</summary>
    public static Axis Fitting(IEnumerable<double> values)
    {
        double[] positive = [.. values.Where(value => value > 0)];
        if (positive.Length == 0)
            return Linear(1);
        double smallest = positive.Min();
        double largest = positive.Max();
        return largest / smallest < LogarithmicFrom ? Linear(largest) : Logarithmic(smallest, largest);
    }

    /// <summary>0 at the begin of the axis, 1 at its end.</summary>
    public double PositionOf(double value) => _isLogarithmic
        ? (Math.Log10(Math.Max(value, _low)) - Math.Log10(_low)) / (Math.Log10(_high) - Math.Log10(_low))
        : (value - _low) / (_high - _low);

    /// <summary>A mark as it is written beside the axis.</summary>
    public static string Label(double tick) =>
        tick == 0 ? "0" : ((double)(decimal)tick).ToString(Math.Abs(tick) >= 1000 ? "N0" : "0.######", CultureInfo.InvariantCulture);

    private static Axis Logarithmic(double smallest, double largest)
    {
        int first = (int)Math.Floor(Math.Log10(smallest));
        int last = (int)Math.Ceiling(Math.Log10(largest));
        double[] marks = last - first > 3 ? [1] : [1, 2, 5];
        double[] ticks =
        [
            .. from decade in Enumerable.Range(first, last - first + 1)
               from mark in marks
               select mark * Math.Pow(10, decade),
        ];
        int from = Array.FindLastIndex(ticks, tick => tick <= smallest * 1.0001);
        int to = Array.FindIndex(ticks, tick => tick >= largest * 0.9999);
        ticks = ticks[from..(to + 1)];
        return new Axis(ticks[0], ticks[^1], true, ticks);
    }

    /// <summary>1, 2 or 5 times a power of ten, at least <paramref name="step"/>.</summary>
    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        double digit = step / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
