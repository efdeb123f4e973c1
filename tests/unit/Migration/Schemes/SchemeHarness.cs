using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// A VM with a random workload, a scheme and two devices, in virtual time. Every read is checked against what the block
/// may hold, and so is the image that the VM would be left with, whenever somebody asks.
/// </summary>
internal sealed class SchemeHarness : ISchemeSink, IDisposable
{
    private const int MostBlocks = 16;

    private readonly SeededRandom _random;
    private readonly SchemeKind _kind;
    private readonly string _about;
    private readonly BlockHistory[] _history;
    private readonly Dictionary<int, Asked> _asked = [];
    private readonly EventQueue<int> _arrivals = new(64);
    private readonly MemoryStore _store = new();
    private readonly int _depth;
    private readonly bool _isPaced;
    private readonly SeededRandom _paces;
    private SimTime _nextCopy;
    private long _clock;
    private ulong _nextValue = 1;
    private int _nextRequest;
    private int _rounds;
    private bool _isPaused;

    private sealed record Asked(BlockRequest Request, byte[] Data, long Issued, BlockHistory.Write[] Writes);

    /// <param name="random">Of the workload; the devices may share it.</param>
    /// <param name="source">All zeroes.</param>
    public SchemeHarness(string about, SeededRandom random, SchemeOptions options, ITestDevice source, ITestDevice destination)
    {
        _random = random;
        (_kind, _isPaced, _paces) = (options.Kind, options.IsPaced, new SeededRandom(1));
        _about = about;
        _depth = 1 + _random.Below(12);
        (Source, Destination) = (source, destination);
        _history = [.. Enumerable.Range(0, (int)source.BlockCount).Select(_ => new BlockHistory())];
        Run = new SchemeRun(Source, Destination, options, this, new UpdateLog(_store, Shift));
        for (int i = 0; i < _depth; i++)
            _arrivals.Add(SimTime.Zero, i);
    }

    public ITestDevice Source { get; }

    public ITestDevice Destination { get; }

    public SchemeRun Run { get; }

    public SimTime Now { get; private set; }

    public int Answered { get; private set; }

    public bool HasAnyFailed { get; private set; }

    private int Shift => Source.BlockShift;

    /// <summary>Lets time go on by one event.</summary>
    public void Step()
    {
        SimTime next = SimTime.Min(SimTime.Min(Source.NextEvent, Destination.NextEvent), SimTime.Min(Run.NextEvent, _arrivals.NextDue));
        if (_isPaced && Run.Phase is SchemePhase.Copying or SchemePhase.Finishing)
            next = SimTime.Min(next, _nextCopy);
        Assert.True(next != SimTime.Never, $"{_about}: nothing goes on in phase {Run.Phase}");
        Now = SimTime.Max(Now, next);
        _clock++;
        Source.Advance(Now, Run.Completed);
        Destination.Advance(Now, Run.Completed);
        if (Run.NextEvent <= Now)
            Run.Advance(Now);
        if (_isPaced && Now >= _nextCopy)
        {
            Run.StepCopy(Now);
            _nextCopy = Now + SimDuration.FromMicroseconds(_paces.Below(400));
        }

        while (!_isPaused && _arrivals.TryTake(Now, out _))
            Submit();
        if (Run.Counters.Rounds > _rounds)
        {
            _rounds = Run.Counters.Rounds;
            Source.RoundBegan(Now);
        }
    }

    /// <summary>Runs until the scheme has converged, pauses the VM, and runs to the end or until the VM is back.</summary>
    public void Migrate(Action? perStep = null)
    {
        Run.Begin(Now);
        while (Run.Phase == SchemePhase.Copying)
        {
            Step();
            perStep?.Invoke();
        }

        if (Run.Phase != SchemePhase.Converged)
            return;
        for (int i = _random.Below(100); i > 0; i--)
            Step();
        if (Run.Phase != SchemePhase.Converged)
            return;
        _isPaused = true;
        _arrivals.Clear();
        Source.Paused(Now);
        Run.Finish(Now);
        while (Run.Phase == SchemePhase.Finishing)
            Step();
    }

    /// <summary>The VM submits nothing more, and what it submitted is answered.</summary>
    public void Drain()
    {
        _isPaused = true;
        _arrivals.Clear();
        while (_asked.Count > 0 || !Run.IsQuiet)
            Step();
    }

    /// <summary>What the VM would have if the destination were lost now: the source, with the log where there is one.</summary>
    public byte[] RolledBackImage()
    {
        byte[] image = Source.Contents(Now);
        if (_kind is not (SchemeKind.LowRedundancy or SchemeKind.SourceLowRedundancy) || Run.Phase == SchemePhase.RolledBack)
            return image;
        var log = new UpdateLog(new MemoryStore { Bytes = [.. _store.Bytes] }, Shift);
        byte[] data = [];
        for (long position = 0; log.TryRead(ref position, ref data, out BlockRequest update);)
        {
            Span<byte> at = image.AsSpan((int)update.StartLba << Shift, (int)update.Blocks << Shift);
            if (update.Operation == BlockOperation.Zero)
                at.Clear();
            else
                data.AsSpan(0, at.Length).CopyTo(at);
        }

        return image;
    }

    /// <summary>Every block is what it may be now, but for those that the source is still being told of.</summary>
    public void CheckImage(byte[] image, bool isStill)
    {
        for (int lba = 0; lba < _history.Length; lba++)
        {
            if (isStill || !Source.IsBeingWritten((ulong)lba))
                CheckBlock(image, lba, (ulong)lba, _clock, "image");
        }
    }

    public void RequestCompleted(SimTime now, int request, bool isSuccess)
    {
        Assert.True(_asked.Remove(request, out Asked? asked), $"{_about}: {request} completed twice");
        Answered++;
        HasAnyFailed |= !isSuccess;
        foreach (BlockHistory.Write write in asked.Writes)
            write.Completed = isSuccess ? _clock : long.MaxValue;
        for (uint i = 0; isSuccess && asked.Request.Operation == BlockOperation.Read && i < asked.Request.Blocks; i++)
            CheckBlock(asked.Data, (int)i, asked.Request.StartLba + i, asked.Issued, "read");
        Array.Fill(asked.Data, (byte)0xEE);
        if (!_isPaused)
            _arrivals.Add(now + SimDuration.FromMicroseconds(_random.Below(300)), 0);
    }

    public void Dispose()
    {
        Run.Dispose();
        Source.Dispose();
        Destination.Dispose();
    }

    private void CheckBlock(byte[] data, int index, ulong lba, long since, string what)
    {
        Span<byte> block = data.AsSpan(index << Shift, 1 << Shift);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(block);
        bool isWhole = block[8..].SequenceEqual(block[..^8]);
        BlockHistory history = _history[lba];
        Assert.True(isWhole && history.May(value, since), $"{_about}: {what} of block {lba} at {_clock} since {since}: {value}; {history}");
    }

    private void Submit()
    {
        _clock++;
        uint blocks = 1 + (uint)_random.Below(MostBlocks);
        var start = (ulong)_random.Below(_history.Length - (int)blocks + 1);
        int drawn = _random.Below(100);
        BlockRequest request = drawn switch
        {
            < 4 => new BlockRequest(BlockOperation.Flush, 0, 0),
            < 8 => new BlockRequest(BlockOperation.Zero, start, blocks),
            _ when drawn < 53 => new BlockRequest(BlockOperation.Write, start, blocks, _random.Chance(10)),
            _ => new BlockRequest(BlockOperation.Read, start, blocks),
        };
        byte[] data = request.Operation is BlockOperation.Read or BlockOperation.Write ? new byte[blocks << Shift] : [];
        ulong value = request.Operation == BlockOperation.Write ? _nextValue++ : 0;
        for (int at = 0; request.Operation == BlockOperation.Write && at < data.Length; at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(at), value);
        BlockHistory.Write[] writes = request.Changes
            ? [.. Enumerable.Range((int)start, (int)blocks).Select(lba => _history[lba].Begin(_clock, value))]
            : [];
        int number = _nextRequest++;
        _asked.Add(number, new Asked(request, data, _clock, writes));
        Assert.True(Run.TrySubmit(Now, number, request, data), $"{_about}: no room");
    }
}
