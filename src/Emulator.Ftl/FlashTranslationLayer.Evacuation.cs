using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Emptying superblocks: valid pages are moved to where their stream is collected, then the superblock is erased. Two
/// are emptied side by side, one for room and one for another reason, each a few pages at a time.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    private struct Evacuation
    {
        public bool IsActive;
        public int Superblock;

        /// <summary>Pages that were passed over so far.</summary>
        public int Page;
        public MoveCause Cause;
    }

    private Evacuation _reclaimed;
    private Evacuation _errand;

    /// <summary>When what was moved so far is programmed.</summary>
    private SimTime _movesDone;

    private void BeginEvacuation(ref Evacuation evacuation, int superblock, MoveCause cause)
    {
        _superblocks.TakeAsVictim(superblock);
        evacuation = new Evacuation { IsActive = true, Superblock = superblock, Cause = cause };
    }

    /// <summary>Passes over <paramref name="pages"/> pages, moves those that are valid, and erases what is empty.</summary>
    /// <returns>False when there is no place for a page that has to be moved.</returns>
    private bool Evacuate(SimTime now, ref Evacuation evacuation, int pages)
    {
        uint first = FirstPageOf(evacuation.Superblock);
        int programmed = _flash.ProgrammedPages(evacuation.Superblock);
        uint end = first + (uint)(programmed - evacuation.Page <= pages ? programmed : evacuation.Page + pages);
        int owner = OwnerOf(evacuation);
        for (uint page = NextValid(first + (uint)evacuation.Page, end); page < end; page = NextValid(page + 1, end))
        {
            evacuation.Page = (int)(page - first);
            if (!MovePage(now, page, owner, evacuation.Cause))
                return false;
        }

        evacuation.Page = (int)(end - first);
        if (evacuation.Page == programmed)
            EndEvacuation(now, ref evacuation, owner);
        return true;
    }

    private int OwnerOf(in Evacuation evacuation) => evacuation.Cause == MoveCause.WearLevelling
        ? LevellingOwner
        : CollectorOwners + _superblocks.StreamOf(evacuation.Superblock);

    /// <summary>Moves a valid page.</summary>
    /// <returns>False when there is no place for it.</returns>
    private bool MovePage(SimTime now, uint page, int owner, MoveCause cause)
    {
        ref readonly SpareArea spare = ref _flash.ReadSpare(new PhysicalPage(page));
        var logical = new LogicalPage(spare.LogicalPage);
        if (_hasSnapshots && IsKept(page, spare))
            return MoveKept(now, page, spare, owner, cause);
        ref uint entry = ref MapEntry(logical);
        Check.That(entry == page);
        now = LookUp(now, logical, changes: true);
        if (!TryCopy(now, page, owner, cause, logical.Value, FormOfMoved(logical, spare), out PhysicalPage target))
            return false;
        entry = target.Value;
        return true;
    }

    /// <summary>Copies a valid page, which is not valid any more then, to where an owner writes.</summary>
    /// <param name="logical">What the spare area of the copy says that it is of.</param>
    /// <param name="form">In what form it says that it is.</param>
    /// <returns>False when there is no place for it.</returns>
    private bool TryCopy(
        SimTime now, uint page, int owner, MoveCause cause, uint logical, StoredForm form, out PhysicalPage target)
    {
        ref readonly SpareArea spare = ref _flash.ReadSpare(new PhysicalPage(page));
        while (true)
        {
            target = NextPage(now, owner);
            if (target == PhysicalPage.None)
                return false;
            MediumResult result = _flash.CopyBack(now, new PhysicalPage(page), target, NextSpare(new LogicalPage(logical), spare, form));
            if (result.Status == MediumStatus.WriteFault)
            {
                if (!TryRescueProgram(result.Done, target))
                    return false;
                continue;
            }

            if (!result.IsSuccess)
                _counters.PagesLost++;
            _movesDone = SimTime.Max(_movesDone, result.Done);
            Invalidate(page);
            MarkValid(target.Value);
            _counters.CountMove(cause);
            return true;
        }
    }

    /// <summary>The superblock is erased once what was moved out of it is programmed, or durable if it can be.</summary>
    private void EndEvacuation(SimTime now, ref Evacuation evacuation, int owner)
    {
        int superblock = evacuation.Superblock;
        if (_frontierOf[owner] is not NoFrontier and byte frontier && _programPages > 1)
            _movesDone = SimTime.Max(_movesDone, PadProgram(now, frontier).Done);
        evacuation = default;
        if (_durable != null)
            HoldEmptied(superblock);
        else
            Erase(SimTime.Max(now, _movesDone), superblock);
    }

    private SimTime Erase(SimTime now, int superblock)
    {
        ForgetErrand(superblock);
        MediumResult erased = _flash.Erase(now, superblock);
        _durable?.Erased(now, superblock, _flash.EraseCount(superblock), isRetired: !erased.IsSuccess);
        if (erased.IsSuccess)
        {
            _counters.SuperblocksErased++;
            Release(superblock);
        }
        else
        {
            _counters.EraseFailures++;
            Retire(superblock);
        }

        LevelWear();
        return erased.Done;
    }

    private void Release(int superblock)
    {
        _superblocks.Release(superblock, _flash.EraseCount(superblock));
        _room += _pagesPerSuperblock;
    }
}
