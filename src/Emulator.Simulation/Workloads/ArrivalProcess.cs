using Emulator.Core;

namespace Emulator.Simulation.Workloads;

/// <summary>Times at which requests of an open loop arrive: evenly spaced, or as a Poisson process.</summary>
/// <param name="perSecond">Mean rate, above 0.</param>
/// <param name="isPoisson">Gaps are exponentially distributed rather than equal.</param>
internal sealed class ArrivalProcess(double perSecond, bool isPoisson)
{
    private readonly double _gap = 1e9 / perSecond;
    private double _next;

    public SimDuration Next(SeededRandom random)
    {
        var arrival = new SimDuration((long)_next);
        _next += isPoisson ? _gap * Exponential(random) : _gap;
        return arrival;
    }

    /// <summary>
    /// An exponentially distributed number of mean 1 by von Neumann's comparisons: without a logarithm it is the same on
    /// every machine.
    /// </summary>
    private static double Exponential(SeededRandom random)
    {
        for (int whole = 0; ; whole++)
        {
            ulong first = random.Next();
            ulong last = first;
            int length = 2;
            for (ulong next; (next = random.Next()) <= last; length++)
                last = next;
            if (length % 2 == 0)
                return whole + ((first >> 11) * (1.0 / 9007199254740992.0));
        }
    }
}
