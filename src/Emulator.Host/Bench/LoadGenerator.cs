using System.Diagnostics;
using Emulator.Core;
using Emulator.Tcp;

namespace Emulator.Host.Bench;

/// <summary>Keeps one queue at its depth and measures each command from submission to completion.</summary>
internal sealed class LoadGenerator : ICompletionSink
{
    /// <summary>Polls between two looks at the clock when nothing completes.</summary>
    private const int PollsPerClockCheck = 64;

    private readonly LoadCase _case;
    private readonly uint _nsid;
    private readonly int _blocks;
    private readonly LoadAddresses _addresses;
    private readonly SeededRandom _data;
    private readonly long[] _started;
    private bool _stopping;

    /// <param name="load">What to do.</param>
    /// <param name="nsid">The namespace to do it to; its contents are overwritten by writes.</param>
    /// <param name="blockBytes">Bytes of its blocks.</param>
    /// <param name="blockCount">Blocks that may be touched.</param>
    /// <param name="seed">Of the addresses, and of what is written.</param>
    public LoadGenerator(LoadCase load, uint nsid, int blockBytes, ulong blockCount, ulong seed)
    {
        _case = load;
        _nsid = nsid;
        _blocks = load.Bytes / blockBytes;
        _addresses = new LoadAddresses(load, blockCount / (ulong)_blocks, seed);
        _data = new SeededRandom(seed);
        _started = new long[HostQueue.MaximumDepth];
    }

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Commands that did not succeed; a measurement with any is none.</summary>
    public long Failures { get; private set; }

    /// <summary>Fills the queue.</summary>
    public void Start(HostQueue queue)
    {
        for (int i = 0; i < _case.Depth && queue.TryAcquire(out int slot); i++)
        {
            _data.Fill(queue.Buffer(slot)[.._case.Bytes]);
            Submit(queue, slot);
        }
    }

    /// <summary>Keeps going for a time; what completed before is forgotten.</summary>
    public TimeSpan RunFor(HostQueue queue, TimeSpan duration)
    {
        Latencies.Clear();
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            for (int i = 0; i < PollsPerClockCheck; i++)
                queue.Poll();
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < duration && queue.IsConnected);
        return elapsed;
    }

    /// <summary>Lets the outstanding commands complete and submits no more.</summary>
    public void Finish(HostQueue queue)
    {
        _stopping = true;
        while (queue.Outstanding > 0 && queue.IsConnected)
            queue.Poll();
    }

    public void Completed(HostQueue queue, int slot, in HostCompletion completion)
    {
        Latencies.Record(new SimDuration(Stopwatch.GetTimestamp() - _started[slot]));
        if (!completion.IsSuccess)
            Failures++;
        if (_stopping || !queue.IsConnected)
            queue.Release(slot);
        else
            Submit(queue, slot);
    }

    private void Submit(HostQueue queue, int slot)
    {
        queue.Entry(slot) = HostCommands.Io(_case.Opcode, _nsid, _addresses.NextPosition() * (ulong)_blocks, _blocks);
        _started[slot] = Stopwatch.GetTimestamp();
        queue.Submit(slot, _case.Bytes);
    }
}
