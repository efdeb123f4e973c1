using Emulator.Core;

namespace Emulator.Migration;

/// <summary>The way back to the source, when the destination is gone or the migration is given up.</summary>
public sealed partial class SchemeRun
{
    private byte[] _restored = [];
    private long _logPosition;

    /// <summary>All of the log has been written to the source, which is flushing its cache or has.</summary>
    private bool _isRestored;

    /// <summary>
    /// Gives the migration up: the VM goes on at the source, which is restored from the log first if it has to be. Does
    /// nothing once there is nothing to give up.
    /// </summary>
    public void Abandon(SimTime now)
    {
        if (Phase is SchemePhase.Completed or SchemePhase.Restoring or SchemePhase.RolledBack or SchemePhase.Lost)
            return;
        bool isBehind = _policy.LogsUpdates;
        bool canServe = _options.Kind != SchemeKind.ReferenceAtDestination && (!isBehind || _log != null);
        _policy.Dispose();
        _policy = new OneSide(_toCopy, Sides.Source, isOrdered: true);
        DropWaitingChunks();
        Phase = !canServe ? SchemePhase.Lost : isBehind ? SchemePhase.Restoring : SchemePhase.RolledBack;
        if (!isBehind || !canServe)
            StartWaiting(now);
        else
            GoOn(now);
    }

    /// <summary>The destination has everything, and is not to have the VM after all: it goes on at the source.</summary>
    public void Return(SimTime now)
    {
        Check.That(Phase == SchemePhase.Completed);
        Phase = SchemePhase.Finishing;
        Abandon(now);
    }

    private void DropWaitingChunks()
    {
        foreach (ref Chunk chunk in _chunks.AsSpan())
        {
            if (chunk.State != ChunkState.Waiting)
                continue;
            chunk.State = ChunkState.Free;
            _chunksBusy--;
            _chunksWaiting--;
        }
    }

    /// <summary>Takes the next step of what happens while requests wait.</summary>
    private void GoOn(SimTime now)
    {
        if (Phase == SchemePhase.Finishing)
            FillChunks(now);
        else if (Phase == SchemePhase.Restoring)
            RestoreNext(now);
    }

    private void ServiceCompleted(SimTime now, ServiceKind kind, bool isSuccess)
    {
        _isServicing = false;
        if (kind == ServiceKind.Flush && IsCopying)
        {
            DestinationFlushed(now, isSuccess);
            return;
        }

        if (kind == ServiceKind.Restore && !isSuccess)
        {
            Phase = SchemePhase.Lost;
            StartWaiting(now);
            return;
        }

        GoOn(now);
    }

    private void DestinationFlushed(SimTime now, bool isSuccess)
    {
        bool isPaused = Phase == SchemePhase.Finishing;
        if (!isSuccess)
            Abandon(now);
        else if (isPaused && _isNearlyDurable)
            Phase = SchemePhase.Completed;
        else
        {
            _isNearlyDurable = true;
            FillChunks(now);
        }
    }

    /// <summary>
    /// Writes the log to the source, record by record, and has it flushed; then requests go on. It begins when the last
    /// command of the VM has come back: one that only reached the destination is in the log, and is repeated after it.
    /// </summary>
    private void RestoreNext(SimTime now)
    {
        if (_isServicing || _activeCount > 0)
            return;
        if (_isRestored)
        {
            // What the VM writes from now on is newer than the log.
            _log!.Discard();
            Phase = SchemePhase.RolledBack;
            StartWaiting(now);
            return;
        }

        _isServicing = true;
        int tag = TagOf(CommandKind.Service, (int)ServiceKind.Restore);
        if (_log!.TryRead(ref _logPosition, ref _restored, out BlockRequest update))
        {
            int length = update.Operation == BlockOperation.Write ? (int)(update.Blocks << _blockShift) : 0;
            _counters.BytesRestored += length;
            _source.Submit(now, tag, update, _restored.AsMemory(0, length));
            return;
        }

        _isRestored = true;
        _source.Submit(now, tag, new BlockRequest(BlockOperation.Flush, 0, 0), default);
    }
}
