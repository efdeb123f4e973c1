using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Synchronising the medium without waiting for it: for hosts, which hear of it when it is over, and for superblocks that are
/// empty, in such good time that nearly no write waits for one.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>With fewer free superblocks than this, those that wait for it are erased: a write may open this many.</summary>
    private const int FreeForOneWrite = 2;

    /// <summary>Superblocks that hosts may fill while the medium is synchronised: this many at most, and of the spare ones one part in so many.</summary>
    private const int MostSyncReserve = 8;

    private const int SyncReservePart = 10;

    /// <summary>Superblocks without valid pages, in the order in which they were emptied, until they may be erased.</summary>
    private readonly Queue<int> _emptied = [];

    /// <summary>How many were in the queue ever, and have left it.</summary>
    private ulong _heldEver;
    private ulong _releasedEver;

    /// <summary>With fewer free superblocks than this the medium is synchronised for the sake of empty ones.</summary>
    private int _syncBelow = FreeForOneWrite;

    /// <summary>Which of the synchronisations that <see cref="BeginFlush"/> named are over.</summary>
    public SyncTicket EndedSync => _durable?.Ended ?? default;

    /// <summary>What was to be durable with one of them may not be.</summary>
    public bool HasSyncFailed => _durable is { HasFailed: true };

    /// <summary>Times that a write had to wait for the medium.</summary>
    public long SyncsWaitedFor { get; private set; }

    /// <inheritdoc/>
    public MediumResult BeginFlush(SimTime now)
    {
        if (_durable == null)
            return Commit(now);
        MediumResult result = _durable.BeginDurable(now, _metadataChanged);
        if (!result.IsSuccess)
            return result;
        _metadataChanged = false;
        ReleaseEmptied(result.Done, _durable.DurablyEmptied);
        return result;
    }

    /// <summary>
    /// Superblocks that are kept free beyond those that the room needs, so that there are some while the medium is
    /// synchronised in the background.
    /// </summary>
    /// <param name="spare">Superblocks that the capacity does not need.</param>
    private int SyncReserve(int spare)
    {
        int reserve = _flash.Medium.SyncsInBackground ? Math.Clamp(spare / SyncReservePart, 0, MostSyncReserve) : 0;
        _syncBelow = _flash.Medium.SyncsInBackground ? FreeForOneWrite + 1 + (reserve / 2) : FreeForOneWrite;
        return reserve;
    }

    private bool HasSyncEnded => _durable is { HasSyncEnded: true };

    private void EndSync(SimTime now)
    {
        _durable!.EndSync(now);
        ReleaseEmptied(SimTime.Max(now, _durable.DurableAt), _durable.DurablyEmptied);
    }

    /// <summary>Makes sure that a write finds the superblocks that it may open.</summary>
    /// <returns>False if the medium cannot be synchronised.</returns>
    private bool EraseEmptied(SimTime now) =>
        FreeSuperblocks >= _syncBelow || _emptied.Count == 0 || EraseWhatIsDurable(now);

    private bool EraseWhatIsDurable(SimTime now)
    {
        if (_flash.Medium.SyncsInBackground && !SyncInTime(now))
            return false;
        if (FreeSuperblocks >= FreeForOneWrite || _emptied.Count == 0)
            return true;
        SyncsWaitedFor++;
        while (_durable!.IsSyncing && FreeSuperblocks < FreeForOneWrite)
            EndSync(now);
        return FreeSuperblocks >= FreeForOneWrite || _emptied.Count == 0 || ForceSync(now);
    }

    /// <summary>Takes note of a synchronisation that is over, and begins one if none goes on.</summary>
    private bool SyncInTime(SimTime now)
    {
        if (HasSyncEnded)
            EndSync(now);
        if (_durable!.IsSyncing || _emptied.Count == 0)
            return true;
        MediumResult begun = _durable.BeginForced(now, _metadataChanged);
        _metadataChanged &= !begun.IsSuccess;
        return begun.IsSuccess;
    }

    private bool ForceSync(SimTime now)
    {
        MediumResult synced = _durable!.ForceSync(now, _metadataChanged);
        _metadataChanged &= !synced.IsSuccess;
        if (synced.IsSuccess)
            ReleaseEmptied(synced.Done, _durable.DurablyEmptied);
        return synced.IsSuccess;
    }

    /// <param name="upTo">The first so many that were ever emptied.</param>
    private void ReleaseEmptied(SimTime now, ulong upTo)
    {
        for (; _releasedEver < upTo; _releasedEver++)
            Erase(now, _emptied.Dequeue());
    }
}
