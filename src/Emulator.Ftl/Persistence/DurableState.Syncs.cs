using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// Synchronising the medium. Where it can be done in the background at most one synchronisation goes on; what is asked for
/// meanwhile is for the next, since the one that goes on covers nothing that was stored after it began.
/// </summary>
internal sealed partial class DurableState
{
    /// <summary>What is durable when a synchronisation is over that begins later.</summary>
    /// <param name="Sequence">Everything up to here.</param>
    /// <param name="Emptied">What was moved out of so many superblocks.</param>
    /// <param name="Done">When it is, in the time of the model.</param>
    /// <param name="Checkpoint">As much of the checkpoint.</param>
    private readonly record struct Mark(ulong Sequence, ulong Emptied, SimTime Done, (ulong Generation, int Step) Checkpoint);

    private Mark _prepared;
    private Mark _begun;
    private SyncTicket _latest;
    private SyncTicket _mediumSync;
    private bool _isNextWanted;

    /// <summary>A synchronisation goes on in the background.</summary>
    public bool IsSyncing { get; private set; }

    /// <summary>It is over, and <see cref="EndSync"/> is to be called.</summary>
    public bool HasSyncEnded => IsSyncing && _medium.IsOver(_mediumSync);

    /// <summary>Up to here <see cref="EndSync"/> was called.</summary>
    public SyncTicket Ended { get; private set; }

    /// <summary>One of them failed, and so does every later one.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What was moved out of so many superblocks is durable.</summary>
    public ulong DurablyEmptied { get; private set; }

    /// <summary>When everything is programmed and written that is durable.</summary>
    public SimTime DurableAt => _durableAt;

    /// <summary>As <see cref="MakeDurable"/>, without waiting for the medium if it can do without.</summary>
    /// <returns>When it survives, provided that the synchronisation that is named is over.</returns>
    public MediumResult BeginDurable(SimTime now, bool withMetadata)
    {
        if (!_medium.SyncsInBackground)
            return MakeDurable(now, withMetadata);
        if (HasFailed || !Prepare(now, withMetadata))
            return new MediumResult(now, MediumStatus.WriteFault);
        if (!IsSyncing)
            BeginSync();
        else if ((Defects & FtlDefects.LateFlushesJoin) == 0)
            _isNextWanted = true;
        return new MediumResult(_prepared.Done, MediumStatus.Success, _isNextWanted ? _latest.Next() : _latest);
    }

    /// <summary>The same for the translation layer's own sake.</summary>
    public MediumResult BeginForced(SimTime now, bool withMetadata)
    {
        ForcedSyncs++;
        return BeginDurable(now, withMetadata);
    }

    /// <summary>Waits for the synchronisation that goes on, if it is not over, and begins the next if one is wanted.</summary>
    public void EndSync(SimTime now)
    {
        Check.That(IsSyncing);
        IsSyncing = false;
        HasFailed |= !_medium.EndSync(_mediumSync);
        Ended = _latest;
        if (!HasFailed)
            Settle(now, (Defects & FtlDefects.LateEmptiedJoin) == 0 ? _begun : _begun with { Emptied = _source.Emptied });
        if (!_isNextWanted)
            return;
        if (HasFailed)
            Ended = _latest = _latest.Next();
        else
            BeginSync();
    }

    /// <summary>Where nobody flushes, a checkpoint is completed in the background before the journal is full.</summary>
    private void SyncBeforeJournalIsFull(SimTime now)
    {
        if (_medium.SyncsInBackground && !IsSyncing && Checkpoint.AwaitsSync && Journal.Used > MostJournalBeforeSync)
            BeginForced(now, withMetadata: false);
    }

    /// <summary>Stores everything that is to survive.</summary>
    private bool Prepare(SimTime now, bool withMetadata)
    {
        ulong sequence = _source.Sequence;
        if (!Commit(now) || !WriteGathered(now) || !WriteDurable(now) || (withMetadata && !WriteMetadata(now)))
            return false;
        SimTime done = SimTime.Max(SimTime.Max(now, _programsDone), Journal.Done);
        _prepared = new Mark(sequence, _source.Emptied, done, Checkpoint.Position);
        return true;
    }

    private void BeginSync()
    {
        _isNextWanted = false;
        _begun = _prepared;
        _latest = _latest.Next();
        _mediumSync = (Defects & FtlDefects.SyncsLeftOut) == 0 ? _medium.BeginSync() : default;
        IsSyncing = true;
    }

    /// <summary>
    /// The medium was synchronised since <paramref name="mark"/>. Another one may have been over earlier that began later.
    /// </summary>
    private void Settle(SimTime now, in Mark mark)
    {
        if (mark.Sequence >= _durableSequence)
        {
            _durableSequence = mark.Sequence;
            _durableAt = mark.Done;
        }

        DurablyEmptied = Math.Max(DurablyEmptied, mark.Emptied);
        if (mark.Checkpoint == Checkpoint.Position && Checkpoint.Synced(now, SimTime.Max(_programsDone, Journal.Done)))
            BeginNext(now);
    }
}
