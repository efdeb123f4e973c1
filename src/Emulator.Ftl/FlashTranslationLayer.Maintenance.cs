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
            || _flash.ReadSpare(new PhysicalPage(physical)).LogicalPage == page.Value;
    }

    /// <summary>
    /// Erases every superblock that holds pages and none that is valid, so that nothing overwritten or trimmed is left
    /// in it.
    /// </summary>
    public SimTime EraseStale(SimTime now)
    {
        for (int i = 0; i < _superblocks.Length; i++)
        {
            ref Superblock superblock = ref _superblocks[i];
            if (superblock.ValidPages != 0 || superblock.State == SuperblockState.Free)
                continue;
            switch (superblock.State)
            {
                case SuperblockState.Victim:
                    now = EraseVictim(now);
                    continue;
                case SuperblockState.Open:
                    now = _flash.Erase(now, i);
                    (_hostFrontier.Superblock == i ? ref _hostFrontier : ref _moveFrontier).NextPage = 0;
                    break;
                default:
                    now = _flash.Erase(now, i);
                    superblock.State = SuperblockState.Free;
                    _free.Enqueue(i);
                    break;
            }

            _counters.SuperblocksErased++;
        }

        return now;
    }
}
