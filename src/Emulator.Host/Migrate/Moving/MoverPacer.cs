using System.Diagnostics;
using Emulator.Migration;

namespace Emulator.Host.Migrate;

/// <summary>
/// When the next data may be read. While the VM is at work only so much is asked of the source at a time that its own commands never wait
/// for long; and where one alone takes long, as under the arm of a disk, rest follows, so that the commands are there for no more than their
/// share of the time. A limit of bandwidth holds all the time.
/// </summary>
/// <param name="sharePercent">100 gives the VM no precedence; 0 for one that grows with need.</param>
/// <param name="bytesPerSecond">0 for no limit.</param>
internal sealed class MoverPacer(int sharePercent, long bytesPerSecond)
{
    /// <summary>Bytes of a command that the VM's may have to wait for.</summary>
    private const int ShortCommand = 32 * 1024;

    private const int WeightOfCommand = 8 * 1024;
    private const int DefaultSharePercent = 20;
    private const int PercentOfCommand = 10;

    /// <summary>The least of so many commands is what one takes: others waited, for each other or for a processor.</summary>
    private const int CommandsToJudgeBy = 16;

    /// <summary>The VM is at work as long as it was seen to be within this time.</summary>
    private static readonly long Working = Stopwatch.Frequency / 50;

    /// <summary>What may be moved at once, as time, after nothing was: sleeping is not exact.</summary>
    private static readonly long Burst = Stopwatch.Frequency / 500;

    /// <summary>A command that takes longer keeps the medium from the VM, rather than a queue.</summary>
    private static readonly long Long = Stopwatch.Frequency / 1000;

    private int _sharePercent = sharePercent == 0 ? DefaultSharePercent : sharePercent;
    private bool _wasKept;
    private ulong _commands;
    private bool _isKnown;
    private bool _isAtWork;
    private long _workedAt;
    private long _restedAt;
    private long _allowedAt;
    private long _least = long.MaxValue;
    private int _judged;

    /// <summary>Its share, which still grows, kept it from reading since this was asked last.</summary>
    public bool TakeWasKept()
    {
        bool wasKept = _wasKept && sharePercent == 0 && _sharePercent < ShareGrowth.MostPercent;
        _wasKept = false;
        return wasKept;
    }

    /// <summary>It falls behind what the VM writes: it may have twice the share, unless one was named.</summary>
    public void RaiseShare()
    {
        if (sharePercent == 0)
            _sharePercent = ShareGrowth.After(_sharePercent);
    }

    /// <summary>Takes the count of the VM's commands.</summary>
    public void Observe(long now, ulong commands, bool isHalted)
    {
        bool hasWorked = _isKnown && commands != _commands && !isHalted;
        if (hasWorked)
            _workedAt = now;
        _isAtWork = hasWorked || (_isAtWork && !isHalted && now - _workedAt < Working);
        (_commands, _isKnown) = (commands, true);
    }

    /// <summary>What a command is to the source: its data, and what it takes besides.</summary>
    public static int WeightOf(int bytes) => bytes + WeightOfCommand;

    /// <summary>Bytes that the next command may read; 0 for none now.</summary>
    /// <param name="weight">Of the commands that are at the source.</param>
    /// <param name="bytes">That it would read.</param>
    public int MayRead(long now, int weight, int bytes)
    {
        if (bytesPerSecond > 0 && _allowedAt > now)
            return 0;
        if (!_isAtWork || _sharePercent == 100)
            return bytes;
        int allowed = Math.Min(bytes, ShortCommand);
        int most = Math.Max(1, _sharePercent / PercentOfCommand) * WeightOf(ShortCommand);
        if (_restedAt <= now && weight + WeightOf(allowed) <= most)
            return allowed;
        _wasKept = true;
        return 0;
    }

    /// <summary>A command is sent to the source.</summary>
    public void Begun(long now, int bytes)
    {
        if (bytesPerSecond > 0)
            _allowedAt = Math.Max(_allowedAt, now - Burst) + (long)((double)bytes / bytesPerSecond * Stopwatch.Frequency);
    }

    /// <summary>It came back.</summary>
    /// <param name="ticks">After so long, without the network.</param>
    public void Ended(long now, long ticks)
    {
        if (!_isAtWork || _sharePercent == 100)
            return;
        _least = Math.Min(_least, ticks);
        if (++_judged < CommandsToJudgeBy)
            return;
        if (_least > Long)
            _restedAt = now + (_least * CommandsToJudgeBy * (100 - _sharePercent) / _sharePercent);
        (_judged, _least) = (0, long.MaxValue);
    }
}
