using System.Diagnostics;
using System.Globalization;

namespace Emulator.Host.Simulate;

/// <summary>How far a simulation is, in the last line of a terminal; silent where standard error is none.</summary>
/// <param name="isInterrupted">Asked now and then; true ends the simulation.</param>
internal sealed class ProgressLine(Func<bool> isInterrupted) : IDisposable
{
    private const int BarWidth = 40;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly bool _isShown = !Console.IsErrorRedirected;
    private bool _isDirty;

    /// <summary>What a part of the simulation is to call with its number of commands.</summary>
    /// <param name="total">Commands of the part; null if nobody knows.</param>
    public Action<long> Begin(string part, long? total)
    {
        long begin = Stopwatch.GetTimestamp();
        long last = begin;
        return commands =>
        {
            if (isInterrupted())
                throw new OperationCanceledException();
            if (!_isShown || Stopwatch.GetElapsedTime(last) < Period)
                return;
            last = Stopwatch.GetTimestamp();
            Show(part, commands, total, commands / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        };
    }

    public void Dispose()
    {
        if (_isDirty)
            Console.Error.Write("\r\e[K");
    }

    private void Show(string part, long commands, long? total, double rate)
    {
        string bar = "";
        if (total is > 0)
        {
            int done = (int)(BarWidth * Math.Min(1, commands / (double)total));
            bar = $" [{new string('#', done)}{new string('.', BarWidth - done)}]";
        }

        Console.Error.Write(string.Create(
            CultureInfo.InvariantCulture, $"\r\e[K{part}{bar} {commands:N0} commands, {rate / 1e6:F2} million a second"));
        _isDirty = true;
    }
}
