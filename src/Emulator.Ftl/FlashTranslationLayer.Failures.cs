using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Programs and erases that fail. A superblock in which a program failed is emptied and
/// erased; the flash then puts a spare block in the place of the bad one, and where it has none the erase fails and the
/// superblock is retired. Over-provisioning shrinks by each, and when it is gone the drive can only be read.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>Free superblocks without which the rest of a superblock is not given up.</summary>
    private const int FreeToAbandon = 2;

    /// <summary>Programs a page anew whose program operation failed, in other superblocks until one takes it.</summary>
    private MediumResult ProgramElsewhere(
        SimTime now,
        LogicalPage page,
        int owner,
        ref PhysicalPage target,
        ReadOnlySpan<byte> data,
        StoredForm form,
        ReadOnlySpan<byte> parity)
    {
        while (TryRescueProgram(now, target))
        {
            target = NextPage(now, owner);
            if (target == PhysicalPage.None)
                break;
            MediumResult result = _flash.Program(now, target, data, NextSpare(page, form, data, parity));
            if (result.IsSuccess)
                return new MediumResult(SimTime.Max(result.Done, _movesDone), MediumStatus.Success);
            now = result.Done;
        }

        return new MediumResult(now, MediumStatus.WriteFault);
    }

    /// <summary>
    /// A program operation failed: its superblock will be emptied. It is closed, or, where too few others are free for that,
    /// written on for the time being: its other blocks are good. The pages that the operation had taken before the last one
    /// are still in the register of the die and are programmed elsewhere from there.
    /// </summary>
    /// <returns>False when nothing more can be programmed, or it was not the flash that failed but what keeps its bytes.</returns>
    private bool TryRescueProgram(SimTime now, PhysicalPage failed)
    {
        int superblock = SuperblockOf(failed.Value);
        int index = FrontierOn(superblock);
        if (failed.Value - FirstPageOf(superblock) >= (uint)_flash.ProgrammedPages(superblock))
        {
            _frontiers[index].NextPage--;
            _room++;
            return false;
        }

        _counters.ProgramFailures++;
        if (FreeSuperblocks >= FreeToAbandon)
            CloseFrontier(index);
        Ask(superblock, Errand.Retire);
        int owner = CollectorOwners + _superblocks.StreamOf(superblock);
        bool moved = false;
        for (uint page = failed.Value - (failed.Value % (uint)_programPages); page < failed.Value; page++)
        {
            if (!IsValid(page))
                continue;
            moved = true;
            if (!MovePage(now, page, owner, MoveCause.Retirement))
                return false;
        }

        if (moved && _frontierOf[owner] is not NoFrontier and byte frontier)
            _movesDone = SimTime.Max(_movesDone, PadProgram(now, frontier).Done);
        return true;
    }

    private void Retire(int superblock)
    {
        _superblocks.Retire(superblock);
        _counters.SuperblocksRetired++;
        if (--_usable < NeededSuperblocks)
            IsReadOnly = true;
        PlanRoom();
    }
}
