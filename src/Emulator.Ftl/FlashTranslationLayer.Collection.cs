using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Allocation and garbage collection. Greedy: the victim is the closed superblock with the fewest valid pages. The work
/// is spread over the host's writes, each of which moves so many pages that the victim is empty by the time the room
/// that it will give back is needed; no write waits for a whole superblock.
/// </summary>
public sealed partial class FlashTranslationLayer
{
    /// <summary>Two open superblocks, one to move a victim into, and one more for the collector to gain on.</summary>
    public const int LeastSpareSuperblocks = 4;

    /// <summary>With no more free superblocks than this the collector works.</summary>
    private const int LowWater = 2;

    private const int NoVictim = -1;

    private enum SuperblockState : byte
    {
        Free,
        Open,
        Closed,
        Victim,
    }

    private struct Superblock
    {
        public int ValidPages;
        public SuperblockState State;
    }

    private struct Frontier
    {
        public int Superblock;
        public int NextPage;
    }

    private readonly Superblock[] _superblocks;
    private readonly Queue<int> _free;
    private Frontier _hostFrontier;
    private Frontier _moveFrontier;
    private int _victim = NoVictim;
    private int _victimPage;
    private int _movesPerWrite;

    private Frontier Open()
    {
        Check.That(_free.Count > 0);
        int superblock = _free.Dequeue();
        _superblocks[superblock].State = SuperblockState.Open;
        return new Frontier { Superblock = superblock };
    }

    private PhysicalPage NextPage(ref Frontier frontier)
    {
        if (frontier.NextPage == _flash.Geometry.PagesPerSuperblock)
        {
            _superblocks[frontier.Superblock].State = SuperblockState.Closed;
            frontier = Open();
        }

        return _flash.Geometry.FirstPageOf(frontier.Superblock) + (uint)frontier.NextPage++;
    }

    private SimTime CollectBeforeWrite(SimTime now)
    {
        if (_victim == NoVictim && (_free.Count > LowWater || !ChooseVictim()))
            return now;
        return MoveVictimPages(now, _movesPerWrite);
    }

    private bool ChooseVictim()
    {
        int best = NoVictim;
        for (int i = 0; i < _superblocks.Length; i++)
        {
            ref readonly Superblock candidate = ref _superblocks[i];
            if (candidate.State == SuperblockState.Closed
                && (best == NoVictim || candidate.ValidPages < _superblocks[best].ValidPages))
                best = i;
        }

        int pages = _flash.Geometry.PagesPerSuperblock;
        if (best == NoVictim || _superblocks[best].ValidPages == pages)
            return false;

        // A victim with v valid pages gives back p - v: it has to be through before as many writes have come.
        int valid = _superblocks[best].ValidPages;
        _movesPerWrite = (pages + (pages - valid) - 1) / (pages - valid);
        _victim = best;
        _victimPage = 0;
        _superblocks[best].State = SuperblockState.Victim;
        return true;
    }

    /// <summary>Passes over <paramref name="pages"/> pages of the victim, moving those that are valid.</summary>
    private SimTime MoveVictimPages(SimTime now, int pages)
    {
        PhysicalPage first = _flash.Geometry.FirstPageOf(_victim);
        int end = Math.Min(_victimPage + pages, _flash.Geometry.PagesPerSuperblock);
        for (; _victimPage < end; _victimPage++)
        {
            PhysicalPage from = first + (uint)_victimPage;
            LogicalPage logical = new(_flash.ReadSpare(from).LogicalPage);
            if (MapEntry(logical) != from.Value)
                continue;
            PhysicalPage to = NextPage(ref _moveFrontier);
            now = _flash.CopyBack(now, from, to, new SpareArea(logical.Value, ++_sequence));
            Remap(logical, to);
            _counters.PagesMoved++;
        }

        return end < _flash.Geometry.PagesPerSuperblock ? now : EraseVictim(now);
    }

    private SimTime EraseVictim(SimTime now)
    {
        Check.That(_superblocks[_victim].ValidPages == 0);
        now = _flash.Erase(now, _victim);
        _superblocks[_victim].State = SuperblockState.Free;
        _free.Enqueue(_victim);
        _victim = NoVictim;
        _counters.SuperblocksErased++;
        return now;
    }
}
