using Emulator.Core;
using Emulator.Flash;

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

    /// <summary>
    /// Erases every superblock that holds pages and none that is valid, so that nothing overwritten or trimmed is left
    /// in it.
    /// </summary>
    public SimTime EraseStale(SimTime now)
    {
        SimTime done = now;
        if (_durable != null)
            done = MakeDurable(now).Done;
        for (int i = 0; i < _superblocks.Length; i++)
        {
            ref Superblock superblock = ref _superblocks[i];
            if (superblock.ValidPages != 0 || superblock.State == SuperblockState.Free)
                continue;
            switch (superblock.State)
            {
                case SuperblockState.Victim:
                    _victim = NoVictim;
                    break;
                case SuperblockState.Open:
                    _frontiers[Array.FindIndex(_frontiers, frontier => frontier.Superblock == i)] = default;
                    break;
            }

            done = SimTime.Max(done, Erase(done, i));
        }

        return done;
    }
}
