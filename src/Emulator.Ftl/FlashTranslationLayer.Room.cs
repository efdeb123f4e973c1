using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Room, and the work that a write has to do for what it takes of it. Room is counted in pages that can be programmed,
/// with those of superblocks that are emptied as far as that has come. Above the high water mark nothing is done.
/// Below, each write passes over so many pages of the victim that the room would stay as it is in the middle between
/// the marks, twice as many at the low one, and proportionally between: so writes get slower little by little, and
/// where the room stands follows from the load.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>An open superblock of the host, one to move a victim into, and two more for the collector to work with.</summary>
    public const int LeastSpareSuperblocks = 4;

    /// <summary>Passes are counted in fractions of this many bits.</summary>
    private const int CreditBits = 24;

    private const int GainWindow = 8;

    private const int OpensAfterSharing = 16;

    private long _room;
    private long _highWater;

    /// <summary>The room that has to be there before a stream gets a superblock of its own.</summary>
    private long _roomForFurther;

    /// <summary>
    /// A stream shares a superblock because there was no room for one of its own: for so many superblocks to come, room is
    /// made for one more.
    /// </summary>
    private int _opensWithMoreRoom;
    private long _credit;

    /// <summary>Pages that the last victims gave back, on average.</summary>
    private long _gain;
    private int _usable;

    /// <summary>There is not enough good flash left for the capacity: reads go on, writes fail.</summary>
    public bool IsReadOnly { get; private set; }

    /// <summary>Superblocks that are not retired.</summary>
    public int UsableSuperblocks => _usable;

    /// <summary>Superblocks that the capacity needs, with those that have to be spare.</summary>
    public int NeededSuperblocks =>
        SuperblocksFor(LogicalPageCount) + LeastSpareSuperblocks;

    /// <summary>
    /// Of the superblocks and blocks that may go bad before the drive can only be read, those that are left, in percent.
    /// </summary>
    public int AvailableSparePercent
    {
        get
        {
            (int Left, int Initial) blocks = _flash.Physics?.SpareBlocks ?? default;
            int initial = _superblocks.Count - NeededSuperblocks + 1 + blocks.Initial;
            return Math.Clamp((_usable - NeededSuperblocks + 1 + blocks.Left) * 100 / initial, 0, 100);
        }
    }

    private long Room => _room + _reclaimed.Page + _errand.Page + ((long)_emptied.Count * _pagesPerSuperblock);

    /// <summary>
    /// The most logical pages a medium can carry. How many streams there are does not matter: without spare superblocks
    /// they share theirs.
    /// </summary>
    public static long MostLogicalPages(FlashGeometry geometry) => geometry.PagesPerSuperblock < 2
        ? 0
        : Math.Max(0, (long)(geometry.BlocksPerPlane - LeastSpareSuperblocks) * geometry.PagesPerSuperblock);

    /// <summary>
    /// Finds how many superblocks may be open and where the water marks are. A superblock that is open for one stream is of
    /// no use to another, so that each raises the marks; half of what is spare remains for pages that are stale.
    /// </summary>
    private void PlanRoom()
    {
        int spare = _usable - SuperblocksFor(_hasSnapshots ? Math.Max(LogicalPageCount, _pagesInUse) : LogicalPageCount);
        _leftAside = Math.Max(LeastSpareSuperblocks, OpenFrontiers(0, _frontiers.Length) + 2)
            + SuperblocksBesideSnapshots + (_usable / PartBesideSnapshots);
        int open = Math.Max(2, (spare / 2) - 1);
        _collectorFrontiers = Math.Clamp(open / 2, 1, _options.CollectorFrontiers);
        _hostFrontiers = Math.Clamp(open - _collectorFrontiers, 1, _options.HostFrontiers);

        int inUse = Math.Max(1, OpenFrontiers(0, _options.HostFrontiers))
            + Math.Max(1, OpenFrontiers(_options.HostFrontiers, _options.CollectorFrontiers))
            + OpenFrontiers(LevellingFrontier, 1);
        _roomForFurther = (inUse + 1L) * _pagesPerSuperblock;
        int marks = Math.Clamp(inUse + (_opensWithMoreRoom > 0 ? 1 : 0), 2, open);
        if (HasErrands && spare > LeastSpareSuperblocks + 1)
            marks++;
        marks += SyncReserve(spare);
        _highWater = ((marks + 1L) * _pagesPerSuperblock) + (2 * _programPages);
    }

    private int SuperblocksFor(long pages) => (int)((pages + _pagesPerSuperblock - 1) / _pagesPerSuperblock);

    private int OpenFrontiers(int first, int count)
    {
        int open = 0;
        for (int i = first; i < first + count; i++)
            open += _frontiers[i].IsOpen ? 1 : 0;
        return open;
    }

    /// <summary>The share of the work in the foreground that one page of a host has to do.</summary>
    private void WorkForWrite(SimTime now)
    {
        if (Room >= _highWater && !HasErrands)
            return;
        long before = _counters.PagesMoved;
        if (Room < _highWater)
            CollectForRoom(now, _highWater - Room);
        if (HasErrands)
            RunErrands(now, ErrandPassesPerWrite);
        _counters.MostMovesInWrite = Math.Max(_counters.MostMovesInWrite, (int)(_counters.PagesMoved - before));
    }

    private void CollectForRoom(SimTime now, long missing)
    {
        if (!_reclaimed.IsActive && !ChooseVictim())
            return;
        _credit += Math.Min(missing, 2L * _pagesPerSuperblock) * ((2L << CreditBits) / _gain);
        int passes = (int)(_credit >> CreditBits);
        _credit &= (1L << CreditBits) - 1;
        if (passes > 0)
            Evacuate(now, ref _reclaimed, passes);
    }

    /// <summary>
    /// A victim with v of p pages valid gives back p - v: passing over p / (p - v) pages for each that is written keeps
    /// the room as it is. That is what is due when the room is half a superblock below the high mark. The gain is
    /// that of several victims on average, so that one that is almost full is not worked off at once.
    /// </summary>
    private bool ChooseVictim()
    {
        int victim = _options.Victims.Choose(_superblocks.Closed, _sequence);
        if (victim < 0 || _superblocks.ValidPages(victim) == _pagesPerSuperblock)
            return false;
        int gain = _pagesPerSuperblock - _superblocks.ValidPages(victim);
        _gain = _gain == 0 ? gain : Math.Max(1, ((_gain * (GainWindow - 1)) + gain) / GainWindow);
        BeginEvacuation(ref _reclaimed, victim, MoveCause.Collection);
        return true;
    }

    /// <summary>
    /// Empties superblocks one after the other until so many are free, or no more can be. Where most of what is stale only
    /// fills up program operations, emptying leaves as much of it as there was: so it ends when each had its turn.
    /// </summary>
    private void EmptyUntilFree(SimTime now, int wanted)
    {
        for (int i = 0; i < 2 * _superblocks.Count && _superblocks.Free.Count < wanted; i++)
        {
            if (_emptied.Count > 0 && EraseEmptied(now))
                continue;
            ref Evacuation evacuation = ref _reclaimed;
            if (!_reclaimed.IsActive && !ChooseVictim())
                evacuation = ref _errand;
            if (!evacuation.IsActive || !Evacuate(now, ref evacuation, int.MaxValue))
                return;
        }
    }
}
