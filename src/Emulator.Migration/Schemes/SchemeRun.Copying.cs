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

    private enum ChunkState : byte
    {
        Free,

        /// <summary>A write of the VM to its blocks is under way, and later ones wait already.</summary>
        Waiting,
        Reading,
        Writing,
    }

    /// <summary>Blocks that are being copied.</summary>
    private struct Chunk
    {
        public BlockRequest Range;
        public byte[] Buffer;
        public ChunkState State;
    }

    private bool IsCopying => Phase is SchemePhase.Copying or SchemePhase.Finishing;

    private bool IsBeingCopied(in BlockRequest asked)
    {
        if (_chunksBusy == 0)
            return false;
        foreach (ref readonly Chunk chunk in _chunks.AsSpan())
        {
            if (chunk.State != ChunkState.Free && chunk.Range.Overlaps(asked))
                return true;
        }

        return false;
    }

    /// <summary>Keeps as many chunks under way as may be, and ends the pass when there are none left.</summary>
    private void FillChunks(SimTime now)
    {
        while (IsCopying)
        {
            for (int chunk = 0; chunk < _chunks.Length; chunk++)
            {
                if (_chunks[chunk].State == ChunkState.Free && TryTakeChunk(chunk))
                    StartChunk(now, chunk);
            }

            if (_chunksBusy > 0 || !TryEndPass(now))
                return;
        }
    }

    private bool TryTakeChunk(int index)
    {
        long first = _toCopy.Next(_cursor);
        if (first == _toCopy.Length)
            return false;
        long end = first + 1;
        long most = Math.Min(_toCopy.Length, first + (_chunks[index].Buffer.Length >> _blockShift));
        while (end < most && _toCopy[end])
            end++;
        _toCopy.Clear(first, end - first);
        _cursor = end;
        ref Chunk chunk = ref _chunks[index];
        chunk.Range = new BlockRequest(BlockOperation.Write, (ulong)first, (uint)(end - first));
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
        if (_policy.IsOrdered && IsBeingChanged(chunk.Range))
            return;
        chunk.State = ChunkState.Reading;
        _chunksWaiting--;
        _source.Submit(
            now, TagOf(CommandKind.Copy, index), chunk.Range with { Operation = BlockOperation.Read }, DataOf(chunk));
    }

    private bool IsBeingChanged(in BlockRequest range)
    {
        for (int i = 0; i < _activeCount; i++)
        {
            if (Collide(range with { Operation = BlockOperation.Read }, _requests[_active[i]].Asked))
                return true;
        }

        return false;
    }

    private Memory<byte> DataOf(in Chunk chunk) => chunk.Buffer.AsMemory(0, (int)(chunk.Range.Blocks << _blockShift));

    private void ChunkCompleted(SimTime now, int index, bool isSuccess)
    {
        ref Chunk chunk = ref _chunks[index];
        if (!isSuccess)
            Abandon(now);
        if (chunk.State == ChunkState.Reading && IsCopying)
        {
            chunk.State = ChunkState.Writing;
            _destination.Submit(now, TagOf(CommandKind.Copy, index), chunk.Range, DataOf(chunk));
            return;
        }

        if (IsCopying)
        {
            long bytes = (long)chunk.Range.Blocks << _blockShift;
            if (_counters.Rounds == 0)
                _counters.BytesCopied += bytes;
            else
                _counters.BytesMerged += bytes;
        }

        chunk.State = ChunkState.Free;
        _chunksBusy--;
        FillChunks(now);
        Released(now);
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
                if (!isPaused)
                    Phase = SchemePhase.Converged;
                else
                    FlushDestination(now);
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
