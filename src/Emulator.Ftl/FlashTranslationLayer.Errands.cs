using Emulator.Core;
using Emulator.Flash.Physics;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>
/// Errands: superblocks that are emptied for another reason than room. They wait in line, each once; host writes move
/// them on by a page or so each, and idle time does the rest.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    private const int ErrandPassesPerWrite = 2;

    /// <summary>Between two looks at how evenly superblocks are worn lie at least so many erases.</summary>
    private const int ErasesBetweenLooks = 16;

    private enum Errand : byte
    {
        None,
        Level,
        Refresh,
        Retire,
    }

    private readonly Errand[] _errandKinds;
    private readonly int[] _errands;
    private int _firstErrand;
    private int _errandCount;
    private int _erasesUntilLook = ErasesBetweenLooks;

    private bool HasErrands => _errand.IsActive || _errandCount > 0;

    /// <summary>Has a superblock emptied, unless it is already in line; the more serious reason stands.</summary>
    private void Ask(int superblock, Errand kind)
    {
        bool waits = _errandKinds[superblock] != Errand.None;
        if (_errandKinds[superblock] < kind)
            _errandKinds[superblock] = kind;
        if (waits || (_errand.IsActive && _errand.Superblock == superblock))
            return;
        _errands[(_firstErrand + _errandCount++) % _errands.Length] = superblock;
        _exhaustedAt = ulong.MaxValue;
        PlanRoom();
    }

    /// <summary>The superblock is being erased: what was asked of it is done.</summary>
    private void ForgetErrand(int superblock)
    {
        if (_errandKinds[superblock] == Errand.None)
            return;
        _errandKinds[superblock] = Errand.None;
        for (int i = 0, kept = 0, count = _errandCount; i < count; i++)
        {
            int waiting = _errands[(_firstErrand + i) % _errands.Length];
            if (waiting == superblock)
                _errandCount--;
            else
                _errands[(_firstErrand + kept++) % _errands.Length] = waiting;
        }

        PlanRoom();
    }

    private void RunErrands(SimTime now, int passes)
    {
        if (_errand.IsActive || BeginErrand(now))
            Evacuate(now, ref _errand, passes);
    }

    /// <summary>An errand takes room before it gives any: it begins when that is there.</summary>
    private bool BeginErrand(SimTime now)
    {
        if (_errandCount == 0 || Room < _highWater - _pagesPerSuperblock || _superblocks.Free.Count == 0)
            return false;

        int superblock = _errands[_firstErrand];
        if (_superblocks.StateOf(superblock) == SuperblockState.Open)
        {
            // What waits for the rest of its program operation is part of what the next flush makes durable.
            int frontier = FrontierOn(superblock);
            _movesDone = SimTime.Max(_movesDone, PadProgram(now, frontier).Done);
            if (_frontiers[frontier].IsOpen && _frontiers[frontier].Superblock == superblock)
                CloseFrontier(frontier);
        }

        if (_superblocks.StateOf(superblock) != SuperblockState.Closed)
            return false;
        _firstErrand = (_firstErrand + 1) % _errands.Length;
        _errandCount--;
        BeginEvacuation(ref _errand, superblock, _errandKinds[superblock] switch
        {
            Errand.Level => MoveCause.WearLevelling,
            Errand.Refresh => MoveCause.Refresh,
            _ => MoveCause.Retirement,
        });
        return true;
    }

    /// <summary>What could be read only at the second attempt, by wear, age or the reading of others, is written anew.</summary>
    private void RefreshWeak(FlashPhysics physics)
    {
        if (physics.TakeWeak() is >= 0 and int weak && _superblocks.StateOf(weak) is SuperblockState.Closed or SuperblockState.Open)
            Ask(weak, Errand.Refresh);
    }

    /// <summary>
    /// Static wear levelling: data that is never overwritten keeps its superblock from being worn as the others are, so that
    /// it is moved to the most worn one that is free, and the superblock it had is written next.
    /// </summary>
    private void LevelWear()
    {
        if (_options.WearSpread == 0 || --_erasesUntilLook > 0)
            return;
        _erasesUntilLook = Math.Max(ErasesBetweenLooks, _superblocks.Count / 64);

        int least = -1;
        int most = 0;
        for (int i = 0; i < _superblocks.Count; i++)
        {
            int erases = _flash.EraseCount(i);
            SuperblockState state = _superblocks.StateOf(i);
            if (state == SuperblockState.Free)
                most = Math.Max(most, erases);
            else if ((least < 0 || erases < _flash.EraseCount(least)) && IsAtRest(i, state))
                least = i;
        }

        if (least >= 0 && most - _flash.EraseCount(least) > _options.WearSpread)
        {
            Ask(least, Errand.Level);
            _erasesUntilLook = 1;
        }
    }

    /// <summary>Closed, or open and forgotten by who wrote there.</summary>
    private bool IsAtRest(int superblock, SuperblockState state) => state == SuperblockState.Closed
        || (state == SuperblockState.Open
            && _sequence - _frontiers[FrontierOn(superblock)].LastUse > 4UL * (uint)_pagesPerSuperblock);
}
