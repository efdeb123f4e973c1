using Emulator.Host.Serving;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Emulator.UnitTests.Host;

public class QueuedSinkTests
{
    [Fact]
    public void What_was_logged_is_written_before_the_log_is_closed()
    {
        var output = new SlowOutput();
        using (Logger log = LogThrough(output))
        {
            for (int i = 0; i < 100; i++)
                log.Information("{Number}", i);
            output.Open();
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), output.Lines);
    }

    [Fact]
    public void A_stuck_output_does_not_stop_who_logs_and_losses_are_counted()
    {
        var output = new SlowOutput();
        using (Logger log = LogThrough(output))
        {
            for (int i = 0; i < 10_000; i++)
                log.Information("{Number}", i);
            output.Open();
        }

        Assert.Contains(output.Lines, line => line.EndsWith("log events were dropped, since the log could not be written fast enough"));
        Assert.InRange(output.Lines.Count, 1000, 9999);
    }

    private static Logger LogThrough(SlowOutput output) => new LoggerConfiguration()
        .WriteTo.Sink(new QueuedSink(new LoggerConfiguration().WriteTo.Sink(output).CreateLogger()))
        .CreateLogger();

    /// <summary>Writes nothing before it is opened.</summary>
    private sealed class SlowOutput : ILogEventSink
    {
        private readonly TaskCompletionSource _open = new();

        public List<string> Lines { get; } = [];

        public void Open() => _open.SetResult();

        public void Emit(LogEvent logEvent)
        {
            _open.Task.Wait();
            Lines.Add(logEvent.RenderMessage());
        }
    }
}
