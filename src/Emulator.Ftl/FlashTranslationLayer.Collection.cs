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

        /// <summary>Without valid pages, but not to be erased before the medium was synchronised.</summary>
        Emptied,
    }

    private struct Superblock
    {
        public int ValidPages;
        public SuperblockState State;

        /// <summary>The last sequence that was given out when it was closed.</summary>
        public ulong ClosedAt;
    }

    /// <summary>Where a stream is written next.</summary>
    private struct Frontier
    {
        /// <summary>0 before the first write of the stream, else the number of its open superblock plus 1.</summary>
        public int SuperblockPlusOne;
        public int NextPage;

        public readonly int Superblock => SuperblockPlusOne - 1;

        public readonly bool IsOpen => SuperblockPlusOne != 0;
    }

    private const int HostFrontier = 0;
    private const int CollectorFrontier = 1;

    private readonly Superblock[] _superblocks;
    private readonly Queue<int> _free;
    private readonly Frontier[] _frontiers = new Frontier[2];
    private int _victim = NoVictim;
    private int _victimPage;
    private int _movesPerWrite;
    private SimTime _movesDone;

    private ref Frontier FrontierOf(WriteStream stream) =>
        ref _frontiers[stream == WriteStream.Collector ? CollectorFrontier : HostFrontier];

    private void Open(ref Frontier frontier)
    {
        Check.That(_free.Count > 0);
        int superblock = _free.Dequeue();
        _superblocks[superblock].State = SuperblockState.Open;
        frontier = new Frontier { SuperblockPlusOne = superblock + 1 };
    }

    private void Close(int superblock)
    {
        _superblocks[superblock].State = SuperblockState.Closed;
        _superblocks[superblock].ClosedAt = _sequence;
    }

    private PhysicalPage NextPage(ref Frontier frontier)
    {
        if (!frontier.IsOpen || frontier.NextPage == _flash.Geometry.PagesPerSuperblock)
        {
            if (frontier.IsOpen)
                Close(frontier.Superblock);
            Open(ref frontier);
        }

        return _flash.Geometry.FirstPageOf(frontier.Superblock) + (uint)frontier.NextPage++;
    }

    /// <summary>Fills up a program operation that has begun, so that it runs.</summary>
    private MediumResult PadProgram(SimTime now, ref Frontier frontier)
    {
        MediumResult result = MediumResult.Success(now);
        while (frontier.NextPage % ProgramPages != 0)
        {
            result = result.And(_flash.Program(
                now, NextPage(ref frontier), [], NextSpare(new LogicalPage(SpareArea.NoLogicalPage), StoredForm.Plain, [])));
            _counters.PagesPadded++;
        }

        return result;
    }

    private void CollectBeforeWrite(SimTime now)
    {
        if (_victim != NoVictim || (_free.Count <= LowWater && ChooseVictim()))
            MoveVictimPages(now, _movesPerWrite);
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
    private void MoveVictimPages(SimTime now, int pages)
    {
        PhysicalPage first = _flash.Geometry.FirstPageOf(_victim);
        int end = Math.Min(_victimPage + pages, _flash.ProgrammedPages(_victim));
        for (; _victimPage < end; _victimPage++)
        {
            PhysicalPage from = first + (uint)_victimPage;
            SpareArea spare = _flash.ReadSpare(from);
            if (spare.LogicalPage >= LogicalPageCount || MapEntry(new LogicalPage(spare.LogicalPage)) != from.Value)
                continue;
            var logical = new LogicalPage(spare.LogicalPage);
            PhysicalPage to = NextPage(ref _frontiers[CollectorFrontier]);
            MediumResult result = _flash.CopyBack(now, from, to, NextSpare(logical, spare));
            if (!result.IsSuccess)
            {
                _frontiers[CollectorFrontier].NextPage--;
                return;
            }

            _movesDone = SimTime.Max(_movesDone, result.Done);
            Remap(logical, to);
            _counters.PagesMoved++;
        }

        if (_victimPage == _flash.ProgrammedPages(_victim))
            EraseVictim(now);
    }

    /// <summary>Erases the victim once what was moved out of it is programmed.</summary>
    private void EraseVictim(SimTime now)
    {
        Check.That(_superblocks[_victim].ValidPages == 0);
        _movesDone = SimTime.Max(_movesDone, PadProgram(now, ref _frontiers[CollectorFrontier]).Done);
        int emptied = _victim;
        _victim = NoVictim;
        if (_durable != null)
            Retire(emptied);
        else
            Erase(SimTime.Max(now, _movesDone), emptied);
    }

    private SimTime Erase(SimTime now, int superblock)
    {
        SimTime done = _flash.Erase(now, superblock).Done;
        _superblocks[superblock].State = SuperblockState.Free;
        _free.Enqueue(superblock);
        _counters.SuperblocksErased++;
        _durable?.Erased(now, superblock, _flash.EraseCount(superblock));
        return done;
    }
}
