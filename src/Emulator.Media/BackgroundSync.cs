using Emulator.Flash;

namespace Emulator.Media;

/// <summary>
/// Synchronises a file on a thread of its own, so that whoever asks for it can go on. What is asked for while one
/// synchronisation goes on is done by the next, all of it by one.
/// </summary>
internal sealed class BackgroundSync : IDisposable
{
    private readonly Func<bool> _sync;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private Action? _ended;
    private SyncTicket _asked;

    /// <summary>Number of the last one that is over; changed under the gate, looked at without it, by a reactor in every round.</summary>
    private uint _done;
    private bool _succeeded = true;
    private bool _stopping;

    /// <param name="sync">Synchronises; false for ever when it has failed once.</param>
    public BackgroundSync(Func<bool> sync)
    {
        _sync = sync;
        _thread = new Thread(Run) { IsBackground = true, Name = "medium sync" };
        _thread.Start();
    }

    /// <summary>
    /// Called on the thread when a synchronisation is over. When it is set no call of what it was before goes on.
    /// </summary>
    public Action? Ended
    {
        set
        {
            lock (_gate)
                _ended = value;
        }
    }

    /// <summary>The last one that is over.</summary>
    public SyncTicket Done => new(Volatile.Read(ref _done));

    public SyncTicket Begin()
    {
        lock (_gate)
        {
            _asked = _asked.Next();
            Monitor.PulseAll(_gate);
            return _asked;
        }
    }

    public bool IsOver(SyncTicket sync) => sync.IsOver(Done);

    /// <summary>Waits until it is over.</summary>
    /// <returns>Whether it and all before went well.</returns>
    public bool End(SyncTicket sync)
    {
        lock (_gate)
        {
            while (!IsOver(sync))
                Monitor.Wait(_gate);
            return _succeeded;
        }
    }

    /// <summary>Ends the thread when what was asked for is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (Take() is { IsNone: false } asked)
        {
            bool succeeded = _sync();
            lock (_gate)
            {
                _succeeded &= succeeded;
                Volatile.Write(ref _done, asked.Number);
                Monitor.PulseAll(_gate);
                _ended?.Invoke();
            }
        }
    }

    /// <returns>What is asked for; none when there will be nothing more.</returns>
    private SyncTicket Take()
    {
        lock (_gate)
        {
            while (_asked == Done && !_stopping)
                Monitor.Wait(_gate);
            return _asked == Done ? default : _asked;
        }
    }
}
