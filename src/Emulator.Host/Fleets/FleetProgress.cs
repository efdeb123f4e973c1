using System.Diagnostics;
using System.Globalization;
using Emulator.Simulation.Fleets;

namespace Emulator.Host.Fleets;

/// <summary>How far a fleet is, in the last line of a terminal; silent where standard error is none.</summary>
/// <param name="isInterrupted">Asked now and then; true ends it.</param>
internal sealed class FleetProgress(Func<bool> isInterrupted) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly bool _isShown = !Console.IsErrorRedirected;
    private readonly Lock _lock = new();
    private long _last = Stopwatch.GetTimestamp();
    private bool _isDirty;

    /// <exception cref="OperationCanceledException">Somebody interrupted.</exception>
    public void Poll()
    {
        if (isInterrupted())
            throw new OperationCanceledException();
    }

    public void Planned(int done, int all)
    {
        Poll();
        Show(() => string.Create(CultureInfo.InvariantCulture, $"planned {done:N0} of {all:N0}"));
    }

    public void Ran(FleetMoment moment)
    {
        Poll();
        Show(() => string.Create(
            CultureInfo.InvariantCulture,
            $"{moment.Seconds / 3600:N1} h: {moment.Done:N0} done, {moment.Running.Count:N0} running at {moment.Running.Sum(flow => flow.BytesPerSecond) / 1e6:N0} MB/s, {moment.Waiting:N0} waiting"));
    }

    public void Dispose()
    {
        if (_isDirty)
            Console.Error.Write("\r\e[K");
    }

    private void Show(Func<string> text)
    {
        if (!_isShown)
            return;
        lock (_lock)
        {
            if (Stopwatch.GetElapsedTime(_last) < Period)
                return;
            _last = Stopwatch.GetTimestamp();
            _isDirty = true;
            Console.Error.Write("\r\e[K" + text());
        }
    }
}
