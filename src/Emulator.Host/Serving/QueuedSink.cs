using System.Threading.Channels;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace Emulator.Host.Serving;

/// <summary>
/// Hands log events to a thread that writes them. A reactor that logs must not wait for a disk or a terminal, so the queue
/// is bounded and what does not fit is counted and reported instead; so are events of which there are too many of a kind.
/// </summary>
public sealed class QueuedSink : ILogEventSink, IDisposable
{
    private const int Capacity = 4096;
    private static readonly MessageTemplate LeftOutTemplate =
        new MessageTemplateParser().Parse("{Count} more of '{Kind}' were left out");

    private static readonly MessageTemplate DroppedTemplate =
        new MessageTemplateParser().Parse("{Count} log events were dropped, since the log could not be written fast enough");

    private readonly Logger _output;
    private readonly Channel<LogEvent> _queue = Channel.CreateBounded<LogEvent>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _writer;
    private readonly LogLimit _limit = new();
    private long _dropped;

    public QueuedSink(Logger output)
    {
        _output = output;
        _writer = Task.Run(WriteAllAsync);
    }

    public void Emit(LogEvent logEvent)
    {
        if (!_limit.Passes(logEvent, out long leftOut))
            return;
        if (leftOut > 0)
            Queue(LeftOut(logEvent.MessageTemplate.Text, leftOut));
        Queue(logEvent);
    }

    private void Queue(LogEvent logEvent)
    {
        if (!_queue.Writer.TryWrite(logEvent))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what is queued and closes the output.</summary>
    public void Dispose()
    {
        foreach ((string kind, long count) in _limit.Untold)
            Queue(LeftOut(kind, count));
        _queue.Writer.TryComplete();
        _writer.GetAwaiter().GetResult();
        _output.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await foreach (LogEvent logEvent in _queue.Reader.ReadAllAsync())
        {
            _output.Write(logEvent);
            long dropped = Interlocked.Exchange(ref _dropped, 0);
            if (dropped > 0)
                _output.Write(Tell(DroppedTemplate, Property("Count", dropped)));
        }
    }

    private static LogEvent LeftOut(string kind, long count) => Tell(LeftOutTemplate, Property("Count", count), Property("Kind", kind));

    private static LogEvent Tell(MessageTemplate template, params LogEventProperty[] properties) =>
        new(DateTimeOffset.Now, LogEventLevel.Warning, exception: null, template, properties);

    private static LogEventProperty Property(string name, object value) => new(name, new ScalarValue(value));
}
