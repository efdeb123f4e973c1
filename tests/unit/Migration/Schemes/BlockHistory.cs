namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// What a block may hold: of writes that overlap in time any may be the last, and one that was complete before another
/// began may not. Times are counts of events.
/// </summary>
internal sealed class BlockHistory
{
    private readonly List<Write> _writes = [new Write { Value = 0, Issued = -1, Completed = -1 }];

    internal sealed class Write
    {
        public ulong Value { get; init; }

        public long Issued { get; init; }

        public long Completed { get; set; } = long.MaxValue;
    }

    public Write Begin(long now, ulong value)
    {
        var write = new Write { Value = value, Issued = now };
        _writes.Add(write);
        return write;
    }

    /// <summary>Whether a read that was issued at a time, and completes now, may find a value.</summary>
    public bool May(ulong value, long readIssued)
    {
        long newest = -1;
        foreach (Write write in _writes)
        {
            if (write.Completed < readIssued)
                newest = Math.Max(newest, write.Issued);
        }

        return _writes.Exists(write => write.Value == value && write.Completed >= newest);
    }

    public override string ToString() =>
        string.Join(", ", _writes.TakeLast(6).Select(write => $"{write.Value} [{write.Issued}, {write.Completed}]"));
}
