using Serilog.Events;

namespace Emulator.Host.Serving;

/// <summary>
/// Lets warnings and errors pass as long as they are not too many of a kind: a host can provoke them, by either door, as fast as
/// it can send. What is left out is counted, and told before the next one of the kind that passes, or at the end. Information,
/// and what stops a drive, always passes.
/// </summary>
public sealed class LogLimit
{
    /// <summary>Events of a kind that pass at once.</summary>
    public const int Burst = 20;

    /// <summary>After that one passes in this time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kind> _kinds = [];

    /// <param name="leftOut">Events of the kind that were left out since the last that passed; 0 when this one does not pass.</param>
    public bool Passes(LogEvent logEvent, out long leftOut)
    {
        leftOut = 0;
        if (logEvent.Level is not (LogEventLevel.Warning or LogEventLevel.Error))
            return true;
        lock (_lock)
        {
            if (!_kinds.TryGetValue(logEvent.MessageTemplate.Text, out Kind? kind))
                _kinds.Add(logEvent.MessageTemplate.Text, kind = new Kind());
            return kind.Passes(logEvent.Timestamp, out leftOut);
        }
    }

    /// <summary>Kinds of which the last events were left out, and how many, which nobody was told yet.</summary>
    public IReadOnlyList<(string Kind, long Count)> Untold
    {
        get
        {
            lock (_lock)
                return [.. _kinds.Where(kind => kind.Value.LeftOut > 0).Select(kind => (kind.Key, kind.Value.LeftOut))];
        }
    }

    /// <summary>Events with the same template. One may pass when the time that those before it took up is not too far ahead.</summary>
    private sealed class Kind
    {
        private DateTimeOffset _takenUntil;

        public long LeftOut { get; private set; }

        public bool Passes(DateTimeOffset now, out long leftOut)
        {
            leftOut = 0;
            if (_takenUntil < now)
                _takenUntil = now;
            if (_takenUntil - now > (Burst - 1) * Interval)
            {
                LeftOut++;
                return false;
            }

            _takenUntil += Interval;
            (leftOut, LeftOut) = (LeftOut, 0);
            return true;
        }
    }
}
