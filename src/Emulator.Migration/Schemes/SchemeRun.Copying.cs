using Emulator.Core;

namespace Emulator.Migration;

/// <summary>The copy of the image: chunks are read at the source and written at the destination.</summary>
public sealed partial class SchemeRun
{
    private readonly Chunk[] _chunks;
    private int _chunksBusy;
    private int _chunksWaiting;

    /// <summary>Where the pass is: what is to be copied and lies before it belongs to the next.</summary>
    private long _cursor;

    /// <summary>A flush at the end of the migration, or a write from the log, is outstanding.</summary>
    private bool _isServicing;

    /// <summary>
    /// The destination has flushed its cache after the last pass: the flush that the paused VM waits for will be short.
    /// </summary>
    private bool _isNearlyDurable;

    private enum ChunkState : byte
    {
        Free,

        /// <summary>A write of the VM to its blocks is under way, and later ones wait already.</summary>
        Waiting,
        Reading,
        Writing,
    }

    /// <summary>Runs of a chunk have a number in the tags of their commands.</summary>
    private const int RunShift = 8;

    /// <summary>
    /// Blocks that are being copied: runs of them, near enough to one another to be read at once. What lies between the
    /// runs is read and left alone.
    /// </summary>
    private struct Chunk
    {
        /// <summary>From the first to the last of them.</summary>
        public BlockRequest Span;
        public List<BlockRequest> Runs;
        public byte[] Buffer;
        public int Commands;
        public ChunkState State;

        public readonly bool Overlaps(in BlockRequest request)
        {
            if (State == ChunkState.Free || !Span.Overlaps(request))
                return false;
            foreach (BlockRequest run in Runs)
            {
                if (run.Overlaps(request))
                    return true;
            }

            return false;
        }
    }

    private bool IsCopying => Phase is SchemePhase.Copying or SchemePhase.Finishing;

    private bool IsBeingCopied(in BlockRequest asked)
    {
        if (_chunksBusy == 0)
            return false;
        foreach (ref readonly Chunk chunk in _chunks.AsSpan())
        {
            if (chunk.Overlaps(asked))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Takes the next chunk of a copy that is paced, and reads it: at once, or when the writes to it are done that are under way.
    /// </summary>
    /// <returns>Bytes; 0 when as many chunks as may be are under way, or there is none to begin.</returns>
    public int StepCopy(SimTime now)
    {
        Check.That(_options.IsPaced);
        while (IsCopying && _chunksBusy < _chunks.Length)
        {
            int chunk = Array.FindIndex(_chunks, chunk => chunk.State == ChunkState.Free);
            if (TryTakeChunk(chunk))
            {
                StartChunk(now, chunk);
                return (int)_chunks[chunk].Span.Blocks << _blockShift;
            }

            // What was left of the pass the VM may have written at the destination since.
            if (_chunksBusy > 0 || _isServicing || !TryEndPass(now))
                break;
        }

        return 0;
    }

    /// <summary>Keeps as many chunks under way as may be, unless it is paced, and ends the pass when there are none left.</summary>
    private void FillChunks(SimTime now)
    {
        while (IsCopying)
        {
            for (int chunk = 0; !_options.IsPaced && chunk < _chunks.Length; chunk++)
            {
                if (_chunks[chunk].State == ChunkState.Free && TryTakeChunk(chunk))
                    StartChunk(now, chunk);
            }

            if (_chunksBusy > 0 || _toCopy.Next(_cursor) < _toCopy.Length || !TryEndPass(now))
                return;
        }
    }

    private bool TryTakeChunk(int index)
    {
        long first = _toCopy.Next(_cursor);
        if (first == _toCopy.Length)
            return false;
        ref Chunk chunk = ref _chunks[index];
        long most = Math.Min(_toCopy.Length, first + (chunk.Buffer.Length >> _blockShift));
        long gap = _options.ReadThroughBytes >> _blockShift;
        chunk.Runs.Clear();
        for (long start = first; start < most && start - Math.Max(_cursor, first) <= gap && chunk.Runs.Count < 1 << RunShift;)
        {
            _cursor = start + 1;
            while (_cursor < most && _toCopy[_cursor])
                _cursor++;
            _toCopy.Clear(start, _cursor - start);
            chunk.Runs.Add(new BlockRequest(BlockOperation.Write, (ulong)start, (uint)(_cursor - start)));
            start = _toCopy.Next(_cursor);
        }

        chunk.Span = new BlockRequest(BlockOperation.Read, (ulong)first, (uint)(_cursor - first));
        chunk.State = ChunkState.Waiting;
        _chunksBusy++;
        _chunksWaiting++;
        return true;
    }

    private void StartWaitingChunks(SimTime now)
    {
        for (int chunk = 0; chunk < _chunks.Length; chunk++)
        {
            if (_chunks[chunk].State == ChunkState.Waiting)
                StartChunk(now, chunk);
        }
    }

    /// <summary>Reads a chunk unless it is being written, in which case the read could miss what a side already has.</summary>
    private void StartChunk(SimTime now, int index)
    {
        ref Chunk chunk = ref _chunks[index];
        if (_policy.IsOrdered && IsBeingChanged(chunk))
            return;
        chunk.State = ChunkState.Reading;
        chunk.Commands = 1;
        _chunksWaiting--;
        _source.Submit(now, TagOf(CommandKind.Copy, index << RunShift), chunk.Span, DataOf(chunk, chunk.Span));
    }

    private bool IsBeingChanged(in Chunk chunk)
    {
        for (int i = 0; i < _activeCount; i++)
        {
            ref readonly BlockRequest asked = ref _requests[_active[i]].Asked;
            if (asked.Changes && chunk.Overlaps(asked))
                return true;
        }

        return false;
    }

    private Memory<byte> DataOf(in Chunk chunk, in BlockRequest run) =>
        chunk.Buffer.AsMemory((int)(run.StartLba - chunk.Span.StartLba) << _blockShift, (int)(run.Blocks << _blockShift));

    private void ChunkCompleted(SimTime now, int index, int run, bool isSuccess)
    {
        ref Chunk chunk = ref _chunks[index];
        if (!isSuccess)
            Abandon(now);
        chunk.Commands--;
        if (chunk.State == ChunkState.Reading && IsCopying)
        {
            WriteChunk(now, index);
            return;
        }

        if (chunk.State == ChunkState.Writing && isSuccess)
            CountCopied((long)chunk.Runs[run].Blocks << _blockShift);
        if (chunk.Commands > 0)
            return;
        chunk.State = ChunkState.Free;
        _chunksBusy--;
        FillChunks(now);
        Released(now);
    }

    private void WriteChunk(SimTime now, int index)
    {
        ref Chunk chunk = ref _chunks[index];
        chunk.State = ChunkState.Writing;
        chunk.Commands = chunk.Runs.Count;
        for (int run = 0; run < chunk.Runs.Count; run++)
        {
            BlockRequest range = chunk.Runs[run];
            _destination.Submit(now, TagOf(CommandKind.Copy, (index << RunShift) | run), range, DataOf(chunk, range));
        }
    }

    private void CountCopied(long bytes)
    {
        if (_counters.Rounds == 0)
            _counters.BytesCopied += bytes;
        else
            _counters.BytesMerged += bytes;
    }

    /// <returns>True when another pass has begun.</returns>
    private bool TryEndPass(SimTime now)
    {
        bool isPaused = Phase == SchemePhase.Finishing;
        if (isPaused && (_activeCount > 0 || _waiting.Count > 0))
            return false;
        switch (_policy.EndPass(isPaused))
        {
            case PassResult.GoOn:
                _counters.Rounds++;
                _cursor = 0;
                return true;
            case PassResult.GiveUp:
                Abandon(now);
                return false;
            default:
                if (isPaused || !_isNearlyDurable)
                    FlushDestination(now);
                else
                    Phase = SchemePhase.Converged;
                return false;
        }
    }

    private void FlushDestination(SimTime now)
    {
        if (_isServicing)
            return;
        _isServicing = true;
        _destination.Submit(now, TagOf(CommandKind.Service, (int)ServiceKind.Flush), new BlockRequest(BlockOperation.Flush, 0, 0), default);
    }
}
