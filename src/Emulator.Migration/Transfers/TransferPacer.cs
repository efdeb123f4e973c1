using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// When a transfer may take its next step, and how long that may be. Hosts go before it: while they keep the drive busy it
/// gets a share of the work, and in between short steps, so that a command that arrives does not wait for long. Beyond
/// that, what it takes from hosts is measured, and it rests for as long as they would lose more than the share
/// (<see cref="RestCycle"/>), and a bucket of tokens holds it to so many bytes a second.
/// </summary>
internal sealed class TransferPacer
{
    /// <summary>The drive is not busy with hosts when none has asked for anything for so long.</summary>
    private static readonly SimDuration Idle = SimDuration.FromMicroseconds(25);

    /// <summary>Hosts that asked for nothing for so long are not expected to soon.</summary>
    private static readonly SimDuration Quiet = SimDuration.FromMilliseconds(10);

    private const int ShortStepBytes = 32 * 1024;
    private const long BurstNanoseconds = 20_000_000;
    private const int EveryTime = 100;
    private const int ReadsAtWholeShare = 40;

    private readonly ForegroundMeter _hosts;
    private readonly RestCycle _rests = new();
    private readonly int _commandBytes;
    private readonly ulong _bytesPerSecond;
    private readonly double _mostTokens;
    private int _sharePercent;
    private long _seenWork;
    private long _credit;
    private double _tokens;
    private SimTime _filledAt;
    private SimTime _yieldsSince = SimTime.Never;

    /// <param name="sharePercent">1 to 100.</param>
    /// <param name="bytesPerSecond">0 for no limit.</param>
    public TransferPacer(ForegroundMeter hosts, int sharePercent, int commandBytes, ulong bytesPerSecond)
    {
        _hosts = hosts;
        _sharePercent = sharePercent;
        _commandBytes = commandBytes;
        _bytesPerSecond = bytesPerSecond;
        _mostTokens = Math.Max(commandBytes, bytesPerSecond * (BurstNanoseconds / 1e9));
        _seenWork = hosts.Work;
    }

    /// <summary>It falls behind what hosts write: it may have twice the share, as long as hosts keep some of the drive.</summary>
    public void RaiseShare() => _sharePercent = ShareGrowth.After(_sharePercent);

    /// <summary>The share of the drive's work that it may be now, 1 to 100.</summary>
    public int SharePercent => _sharePercent;

    /// <summary>The VM waits for the end, so that no time is for rests.</summary>
    public bool IsUrgent { get; set; }

    /// <summary>Time for which it stood back for hosts.</summary>
    public SimDuration Yielded { get; private set; }

    /// <summary>Whether hosts have asked for nothing for a moment.</summary>
    public bool IsIdle(SimTime now) => now - _hosts.LastAt >= Idle;

    /// <summary>Whether hosts have asked for nothing for so long that they are not expected to soon.</summary>
    public bool IsQuiet(SimTime now) => _sharePercent == EveryTime || now - _hosts.LastAt >= Quiet;

    /// <summary>
    /// Reads that the medium may be at, so that a command of a host stands behind few of them: 8 at a share of 20% while hosts
    /// are about.
    /// </summary>
    public int MostReads(SimTime now) => IsQuiet(now) ? int.MaxValue : Math.Max(1, _sharePercent * ReadsAtWholeShare / EveryTime);

    /// <summary>Bytes that the next step may have; 0 for none now.</summary>
    public int MayMove(SimTime now)
    {
        Refill(now);
        if (_bytesPerSecond != 0 && _tokens < 0)
        {
            EndYield(now);
            return 0;
        }

        if (!IsResting(now) && !StandsBack(now))
        {
            EndYield(now);
            return IsQuiet(now) ? _commandBytes : Math.Min(_commandBytes, ShortStepBytes);
        }

        if (_yieldsSince == SimTime.Never)
            _yieldsSince = now;
        return 0;
    }

    public void Moved(SimTime now, int bytes)
    {
        _tokens -= bytes;
        Worked(now, bytes);
    }

    /// <summary>The drive had so much work with a step that moved nothing.</summary>
    public void Worked(SimTime now, int bytes)
    {
        if (!IsIdle(now))
            _credit -= ForegroundMeter.CommandBytes + bytes;
    }

    /// <summary>It is to move nothing for a time that it does not know.</summary>
    public void Pause(SimTime now)
    {
        _rests.Stop();
        EndYield(now);
    }

    /// <summary>There is nothing to move: it does not stand back.</summary>
    public void Rest(SimTime now) => EndYield(now);

    /// <summary>When <see cref="MayMove"/> may say something else than none, as far as that can be known.</summary>
    public SimTime NextChance(SimTime now)
    {
        SimTime chance = now;
        if (_bytesPerSecond != 0 && _tokens < 0)
            chance = now + new SimDuration((long)(-_tokens / _bytesPerSecond * 1e9) + 1);
        if (IsResting(now))
            return SimTime.Max(chance, _rests.Ends);
        return StandsBack(now) ? SimTime.Max(chance, _hosts.LastAt + Idle) : chance;
    }

    private bool IsResting(SimTime now)
    {
        if (!IsUrgent)
            return _rests.IsResting(now, _hosts.Work, _sharePercent);
        _rests.Stop();
        return false;
    }

    private bool StandsBack(SimTime now)
    {
        long work = _hosts.Work - _seenWork;
        _seenWork = _hosts.Work;
        if (_sharePercent == EveryTime || IsIdle(now))
        {
            _credit = 0;
            return false;
        }

        _credit = Math.Min(_credit + (work * _sharePercent / (EveryTime - _sharePercent)), _commandBytes);
        return _credit < 0;
    }

    private void Refill(SimTime now)
    {
        if (_bytesPerSecond == 0)
            return;
        _tokens = Math.Min(_mostTokens, _tokens + ((now - _filledAt).Nanoseconds * 1e-9 * _bytesPerSecond));
        _filledAt = now;
    }

    private void EndYield(SimTime now)
    {
        if (_yieldsSince == SimTime.Never)
            return;
        Yielded += now - _yieldsSince;
        _yieldsSince = SimTime.Never;
    }
}
