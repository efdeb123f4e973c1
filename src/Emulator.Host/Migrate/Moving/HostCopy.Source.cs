using System.Diagnostics;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>Reading at the source, and finding out what need not be read.</summary>
internal sealed partial class HostCopy
{
    private const int PageShift = 12;

    private readonly Queue<(HostQueue Queue, int Slot)> _ended = new();
    private MoverLink? _source;
    private Reading[][] _reading = [];

    /// <summary>Of the reads that are at the source.</summary>
    private int _weight;

    // What is known of holes: a question that is open, and up to where one was asked.
    private Probe _probe;
    private int _probeSlot = -1;

    /// <summary>What a read is of.</summary>
    private struct Reading
    {
        public MovedNamespace Of;
        public ulong Start;
        public uint Blocks;

        /// <summary>Blocks that are handed on to the destination already.</summary>
        public uint Handed;
        public long Began;
        public bool IsUnreadable;
    }

    /// <summary>A question how far it is deallocated from a page on.</summary>
    private struct Probe
    {
        public MovedNamespace Of;
        public ulong Page;
    }

    public ICompletionSink SourceSink { get; }

    /// <summary>Takes the next blocks of the run at hand and reads them.</summary>
    /// <returns>False if it has to wait.</returns>
    private bool BeginRead(long now)
    {
        int longest = Math.Min(_commandBytes, _mostBytes);
        int most = _pacer.MayRead(now, _weight, (int)Math.Min((ulong)longest, _run.Bytes));
        if (most == 0 || !_source!.TryAcquire(out HostQueue queue, out int slot))
            return false;
        MovedNamespace of = _run.Of!;
        var blocks = (uint)Math.Min(_run.End - _run.Next, (ulong)Math.Max(1, most >> of.BlockShift));
        _reading[queue.QueueId - 1][slot] = new Reading { Of = of, Start = _run.Next, Blocks = blocks, Began = now };
        Take(blocks);
        SubmitRead(queue, slot);
        _pacer.Begun(now, (int)blocks << of.BlockShift);
        return true;
    }

    private void SubmitRead(HostQueue queue, int slot)
    {
        ref Reading reading = ref _reading[queue.QueueId - 1][slot];
        queue.Entry(slot) = HostCommands.Read(reading.Of.Nsid, reading.Start, (int)reading.Blocks);
        int bytes = (int)reading.Blocks << reading.Of.BlockShift;
        queue.Submit(slot, bytes);
        _weight += MoverPacer.WeightOf(bytes);
    }

    private void ReadEnded(HostQueue queue, int slot, in HostCompletion completion)
    {
        if (!queue.IsConnected)
            return;
        ref Reading reading = ref _reading[queue.QueueId - 1][slot];
        _weight -= MoverPacer.WeightOf((int)reading.Blocks << reading.Of.BlockShift);
        long now = Stopwatch.GetTimestamp();
        _pacer.Ended(now, WorkOf(now - reading.Began));
        if (completion.IsSuccess)
        {
            _retries = 0;
            _ended.Enqueue((queue, slot));
            return;
        }

        if (completion.Status.StatusCodeType == StatusCodeType.Media && reading.Blocks == 1)
        {
            reading.IsUnreadable = true;
            _ended.Enqueue((queue, slot));
            return;
        }

        Reading failed = reading;
        reading = default;
        queue.Release(slot);
        End(failed.Of, failed.Blocks);
        if (completion.Status.StatusCodeType == StatusCodeType.Media)
            _singly.Enqueue(new Run { Of = failed.Of, Next = failed.Start, End = failed.Start + failed.Blocks });
        else
        {
            failed.Of.Add(failed.Start, failed.Blocks);
            Refused("source", completion.Status);
        }
    }

    /// <summary>What of the time of a command is not the network.</summary>
    private long WorkOf(long ticks)
    {
        long network = (long)(_source!.LeastRoundTrip.TotalSeconds * Stopwatch.Frequency);
        return _source.LeastRoundTrip == TimeSpan.MaxValue ? ticks : Math.Max(0, ticks - network);
    }

    /// <summary>Reads the next block of what cannot be read at once.</summary>
    /// <returns>Whether one was begun.</returns>
    private bool BeginSingle(long now)
    {
        if (!_singly.TryPeek(out Run run) || !_source!.TryAcquire(out HostQueue queue, out int slot))
            return false;
        _singly.Dequeue();
        _reading[queue.QueueId - 1][slot] = new Reading { Of = run.Of!, Start = run.Next, Blocks = 1, Began = now };
        _bytesInFlight += 1L << run.Of!.BlockShift;
        InFlight++;
        SubmitRead(queue, slot);
        if (++run.Next < run.End)
            _singly.Enqueue(run);
        return true;
    }

    /// <summary>Everything of a read was zero: asks how far that goes on behind what is being read.</summary>
    private void AskForHole(MovedNamespace of)
    {
        long granule = (long)(_run.Next >> (_granuleShift - of.BlockShift));
        if (!LooksForHoles || _probeSlot >= 0 || _run.Of != of || _run.ReadsAsZero || of.FirstBlock(granule) != _run.Next)
            return;
        of.Add(_run.Next, _run.End - _run.Next);
        _granule = granule;
        AskForHole(of, (_run.Next << of.BlockShift) >> PageShift);
        _run = default;
    }

    /// <summary>Asks with Read Stored Pages: one header tells of all deallocated pages that follow one another.</summary>
    private void AskForHole(MovedNamespace of, ulong page)
    {
        ulong pages = (of.BlockCount << of.BlockShift) >> PageShift;
        if (page >= pages)
            return;
        _probe = new Probe { Of = of, Page = page };
        _probeSlot = _source!.Begin(new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.ReadStoredPages,
            Nsid = of.Nsid,
            Cdw10And11 = page,
            Cdw12 = (uint)Math.Min(uint.MaxValue, pages - page),
            Cdw13 = VendorCommandSet.DecodedPages | ((uint)_vm << 16),
        }, VendorCommandSet.LeastStoredPagesBytes);
    }

    private void TakeProbe()
    {
        if (_probeSlot < 0 || !_source!.IsDone(_probeSlot))
            return;
        byte[] data = new byte[VendorCommandSet.LeastStoredPagesBytes];
        HostCompletion completion = _source.Wait(_probeSlot, data);
        _probeSlot = -1;
        LooksForHoles &= completion.IsSuccess;
        StoredPageHeader header = WireStruct.Read<StoredPageHeader>(data);
        if (!completion.IsSuccess || (header.Flags & (ushort)StoredPageFlags.Deallocated) == 0 || header.Page != _probe.Page)
            return;
        MovedNamespace of = _probe.Of;
        of.FoundZero((_probe.Page << PageShift) >> of.BlockShift, ((ulong)header.Pages << PageShift) >> of.BlockShift);
    }
}
