using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>
/// What is done when no host asks for anything: errands, and room for the next burst of writes. It goes on a slice at a
/// time, a program operation on every die, so that a host that comes back waits for little.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>How long no host has asked for anything before errands are run, where nothing else is configured.</summary>
    private static readonly SimDuration QuietBeforeErrands = SimDuration.FromMilliseconds(1);

    /// <summary>Between slices where flash takes no time.</summary>
    private static readonly SimDuration SlicePause = SimDuration.FromMicroseconds(100);

    private SimTime _hostBusyUntil;
    private SimTime _nextSlice;

    /// <summary>The sequence at which nothing was left that idle time could be used for.</summary>
    private ulong _exhaustedAt = ulong.MaxValue;

    /// <inheritdoc/>
    public SimTime NextEvent => HasSyncEnded ? SimTime.Zero : NextIdleWork;

    private SimTime NextIdleWork => _exhaustedAt == _sequence || !(HasErrands || WantsIdleCollection)
        ? SimTime.Never
        : SimTime.Max(_hostBusyUntil + (_options.IdleCollection ?? QuietBeforeErrands), _nextSlice);

    private bool WantsIdleCollection => _options.IdleCollection != null
        && Room < _highWater + (LogicalPageCount / 100 * _options.IdleCollectionPercent);

    /// <inheritdoc/>
    public void Advance(SimTime now)
    {
        if (HasSyncEnded)
            EndSync(now);
        if (now < NextIdleWork)
            return;
        long before = _counters.PagesMoved;
        SimTime done = RunSlice(now, _flash.Geometry.DieCount * _programPages);
        _nextSlice = SimTime.Max(now + SlicePause, done);
        _counters.PagesMovedIdle += _counters.PagesMoved - before;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void HostWasHere(SimTime done) => _hostBusyUntil = SimTime.Max(_hostBusyUntil, done);

    /// <returns>When the moves of the slice are done.</returns>
    private SimTime RunSlice(SimTime now, int pages)
    {
        if (_errand.IsActive || BeginErrand(now))
        {
            Evacuate(now, ref _errand, pages);
            return _movesDone;
        }

        bool wanted = HasErrands || (WantsIdleCollection && IsWorthCollecting());
        if (_reclaimed.IsActive || (wanted && ChooseVictim()))
        {
            Evacuate(now, ref _reclaimed, pages);
            return _movesDone;
        }

        _exhaustedAt = _sequence;
        return now;
    }

    private bool IsWorthCollecting()
    {
        VictimIndex closed = _superblocks.Closed;
        int bucket = closed.NextBucket(0);
        return bucket >= 0 && closed.ValidPagesOf(bucket) <= _pagesPerSuperblock / 2;
    }
}
