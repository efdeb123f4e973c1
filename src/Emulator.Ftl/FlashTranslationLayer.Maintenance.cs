using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>What the drive asks for itself: checks of the mapping, and a medium without old copies.</summary>
public sealed partial class FlashTranslationLayer
{
    /// <summary>Whether the spare area of the physical page that a logical page is mapped to names the logical page.</summary>
    public bool IsIntact(LogicalPage page)
    {
        uint physical = MapEntry(page);
        return physical == PhysicalPage.None.Value
            || (physical != PhysicalPage.Lost.Value
                && _flash.ReadSpare(new PhysicalPage(physical)).LogicalPage == page.Value
                && (_durable == null || _flash.IsUndamaged(new PhysicalPage(physical))));
    }

    /// <inheritdoc/>
    public bool Damage(LogicalPage page)
    {
        uint physical = MapEntry(page);
        if (physical == PhysicalPage.None.Value)
            return false;
        _flash.Damage(new PhysicalPage(physical));
        return true;
    }

    /// <summary>
    /// Erases every superblock that holds pages and none that is valid, so that nothing overwritten or trimmed is left
    /// in it.
    /// </summary>
    public SimTime EraseStale(SimTime now)
    {
        SimTime done = Flush(now).Done;
        for (int i = 0; i < _superblocks.Count; i++)
        {
            if (_superblocks.ValidPages(i) == 0 && TakeStale(i))
                done = SimTime.Max(done, Erase(done, i));
        }

        return done;
    }

    /// <summary>Takes a superblock from whoever holds it.</summary>
    /// <returns>False when it holds no page, or may not be erased.</returns>
    private bool TakeStale(int superblock)
    {
        switch (_superblocks.StateOf(superblock))
        {
            case SuperblockState.Open:
                ForgetFrontier(FrontierOn(superblock));
                PlanRoom();
                return true;
            case SuperblockState.Closed:
                _superblocks.TakeAsVictim(superblock);
                return true;
            case SuperblockState.Victim:
                (_reclaimed.IsActive && _reclaimed.Superblock == superblock ? ref _reclaimed : ref _errand) = default;
                return true;
            default:
                return false;
        }
    }
}
