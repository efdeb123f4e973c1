using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>Writing at the destination: data, holes, what cannot be read, and flushes.</summary>
internal sealed partial class HostCopy
{
    private const uint MostBlocks = 1 << 16;
    private const int LeastUnit = 4096;

    /// <summary>So many bytes may be written at a drive with a volatile cache before it is asked to flush it.</summary>
    private const long FlushBytes = 128L << 20;

    private MoverLink? _destination;
    private Writing[][] _writing = [];
    private int _mostBytes;

    private enum CopyCommand : byte
    {
        None,
        Write,
        Zero,
        MarkUncorrectable,
        Flush,
    }

    /// <summary>What a command at the destination is about.</summary>
    private struct Writing
    {
        public MovedNamespace Of;
        public ulong Start;
        public uint Blocks;
        public CopyCommand Command;
    }

    public ICompletionSink DestinationSink { get; }

    /// <summary>Goes on with connections that are ready.</summary>
    public void Attach(MoverLink source, MoverLink destination)
    {
        (_source, _destination) = (source, destination);
        _mostBytes = Math.Min(source.MostBytes, destination.MostBytes);
        _reading = [.. source.Queues.Select(queue => new Reading[queue.Depth])];
        _writing = [.. destination.Queues.Select(queue => new Writing[queue.Depth])];
        (_retries, _notBefore) = (0, 0);
    }

    /// <summary>A connection is lost, or not to be used any more. What the destination may not have, and may lose, is to do again.</summary>
    public void Detach()
    {
        if (_source == null)
            return;
        long again = 0;
        foreach (Reading reading in _reading.SelectMany(of => of))
            again += reading.Blocks == 0 ? 0 : reading.Of.Add(reading.Start, reading.Blocks);
        foreach (Writing writing in _writing.SelectMany(of => of))
            again += writing.Command is CopyCommand.None or CopyCommand.Flush ? 0 : writing.Of.Add(writing.Start, writing.Blocks);
        foreach (MovedNamespace of in _namespaces)
            again += of.TakeBack();
        ReturnRuns();
        _counters.BytesRepeated += (ulong)again << _granuleShift;
        _ended.Clear();
        (_source, _destination, _probeSlot) = (null, null, -1);
        (_reading, _writing) = ([], []);
        (InFlight, _weight, _bytesInFlight) = (0, 0, 0);
    }

    /// <summary>Hands what has been read on, in pieces that are data or zeroes throughout.</summary>
    private void HandOn()
    {
        while (_ended.TryPeek(out (HostQueue Queue, int Slot) read))
        {
            ref Reading reading = ref _reading[read.Queue.QueueId - 1][read.Slot];
            ReadOnlySpan<byte> data = read.Queue.Buffer(read.Slot)[..((int)reading.Blocks << reading.Of.BlockShift)];
            if (reading.Handed == 0 && !reading.IsUnreadable && !data.ContainsAnyExcept((byte)0))
                AskForHole(reading.Of);
            while (reading.Handed < reading.Blocks)
            {
                if (!TryHandOn(ref reading, data))
                    return;
            }

            _ended.Dequeue();
            reading = default;
            InFlight--;
            read.Queue.Release(read.Slot);
        }
    }

    private bool TryHandOn(ref Reading reading, ReadOnlySpan<byte> data)
    {
        if (!_destination!.TryAcquire(out HostQueue queue, out int slot))
            return false;
        int shift = reading.Of.BlockShift;
        ReadOnlySpan<byte> rest = data[((int)reading.Handed << shift)..];
        bool isZero = false;
        int length = reading.IsUnreadable ? rest.Length : Alike(rest, Math.Max(LeastUnit, 1 << shift), out isZero);
        var writing = new Writing
        {
            Of = reading.Of,
            Start = reading.Start + reading.Handed,
            Blocks = (uint)(length >> shift),
            Command = reading.IsUnreadable ? CopyCommand.MarkUncorrectable : isZero ? CopyCommand.Zero : CopyCommand.Write,
        };
        if (writing.Command == CopyCommand.Write)
            rest[..length].CopyTo(queue.Buffer(slot));
        reading.Handed += writing.Blocks;

        // The read's share of what is in flight is now the write's.
        InFlight++;
        Submit(queue, slot, writing);
        return true;
    }

    /// <summary>How far data is zero, or is not, in units.</summary>
    private static int Alike(ReadOnlySpan<byte> data, int unit, out bool isZero)
    {
        int length = Math.Min(unit, data.Length);
        isZero = !data[..length].ContainsAnyExcept((byte)0);
        while (length < data.Length)
        {
            int next = Math.Min(unit, data.Length - length);
            if (data.Slice(length, next).ContainsAnyExcept((byte)0) == isZero)
                break;
            length += next;
        }

        return length;
    }

    /// <summary>Takes the next blocks of a run that reads as zero.</summary>
    private bool BeginZero()
    {
        if (!_destination!.TryAcquire(out HostQueue queue, out int slot))
            return false;
        var blocks = (uint)Math.Min(_run.End - _run.Next, MostBlocks);
        var writing = new Writing { Of = _run.Of!, Start = _run.Next, Blocks = blocks, Command = CopyCommand.Zero };
        Take(blocks);
        Submit(queue, slot, writing);
        return true;
    }

    private void Submit(HostQueue queue, int slot, in Writing writing)
    {
        _writing[queue.QueueId - 1][slot] = writing;
        (IoOpcode opcode, uint flags) = writing.Command switch
        {
            CopyCommand.Zero => (IoOpcode.WriteZeroes, NvmCommandFields.Deac),
            CopyCommand.MarkUncorrectable => (IoOpcode.WriteUncorrectable, 0u),
            _ => (IoOpcode.Write, 0u),
        };
        queue.Entry(slot) = new SubmissionEntry
        {
            Opcode = (byte)opcode,
            Nsid = writing.Of.Nsid,
            Cdw10And11 = writing.Start,
            Cdw12 = (writing.Blocks - 1) | flags,
        };
        queue.Submit(slot, writing.Command == CopyCommand.Write ? (int)writing.Blocks << writing.Of.BlockShift : 0);
    }

    /// <summary>Has the destination make durable what landed, if it is time to: when enough did, or nothing else is left.</summary>
    private void FlushIfDue()
    {
        bool isStill = InFlight == 0 && (IsHeld || IsDrained);
        foreach (MovedNamespace of in _namespaces)
        {
            if (!of.HasLanded || of.IsFlushing)
                continue;
            if (!_destination!.IsVolatile)
            {
                of.ForgetLanded();
                continue;
            }

            if ((!isStill && of.Volatile << _granuleShift < FlushBytes) || !_destination.TryAcquire(out HostQueue queue, out int slot))
                continue;
            of.BeginFlush();
            _writing[queue.QueueId - 1][slot] = new Writing { Of = of, Command = CopyCommand.Flush };
            queue.Entry(slot) = HostCommands.Flush(of.Nsid);
            queue.Submit(slot, 0);
        }
    }

    private void WriteEnded(HostQueue queue, int slot, in HostCompletion completion)
    {
        if (!queue.IsConnected)
            return;
        ref Writing writing = ref _writing[queue.QueueId - 1][slot];
        Writing done = writing;
        writing = default;
        queue.Release(slot);
        _counters.Commands++;
        if (done.Command == CopyCommand.Flush)
        {
            done.Of.EndFlush(completion.IsSuccess);
            _counters.Flushes++;
        }
        else
        {
            End(done.Of, done.Blocks);
            Landed(done, completion.IsSuccess);
        }

        if (completion.IsSuccess)
            _retries = 0;
        else
            Refused("destination", completion.Status);
    }

    /// <summary>A command is over that had blocks.</summary>
    private void End(MovedNamespace of, uint blocks)
    {
        InFlight--;
        _bytesInFlight -= (long)blocks << of.BlockShift;
    }

    private void Landed(in Writing done, bool isSuccess)
    {
        if (!isSuccess)
        {
            done.Of.Add(done.Start, done.Blocks);
            return;
        }

        done.Of.Land(done.Start, done.Blocks);
        ulong bytes = (ulong)done.Blocks << done.Of.BlockShift;
        switch (done.Command)
        {
            case CopyCommand.Write:
                _counters.BytesSent += bytes;
                _counters.BytesWritten += bytes;
                break;
            case CopyCommand.Zero:
                _counters.BytesZeroed += bytes;
                break;
            default:
                _counters.BlocksUnreadable += done.Blocks;
                break;
        }
    }
}
