using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// The rate to which a VM's writes are held while it migrates, feature D3h of the vendor command set. A write is paid for
/// with the time that its bytes take at this rate; it is answered when it and all before it are paid for, so that a host with
/// so many commands outstanding begins the next no sooner. It ends by itself unless whoever set it sets it again: a VM is not
/// held back for ever because a manager died.
/// </summary>
public sealed class WriteLimit
{
    /// <summary>A VM that wrote less than it may can write so much more at once: no more than a short black-out moves.</summary>
    private static readonly SimDuration Burst = SimDuration.FromMilliseconds(5);

    /// <summary>No command is held for longer, whatever the rate: hosts give commands up after some tens of seconds.</summary>
    public static readonly SimDuration LongestHold = SimDuration.FromSeconds(5);

    private const ulong NanosecondsOfSecond = 1_000_000_000;

    private SimTime _paidUntil = new(long.MinValue / 2);

    /// <summary>What was left over when the time of the command before was rounded down, in byte nanoseconds.</summary>
    private ulong _rest;

    /// <summary>0 for no limit.</summary>
    public ulong BytesPerSecond { get; private set; }

    /// <summary>When it ends unless it is set again; never while there is none.</summary>
    public SimTime Ends { get; private set; } = SimTime.Never;

    public bool IsSet => BytesPerSecond != 0;

    /// <summary>Commands that were held since <see cref="Reset"/>.</summary>
    public ulong CommandsHeld { get; private set; }

    /// <summary>For how long those were that are answered, together.</summary>
    public SimDuration TimeHeld { get; private set; }

    /// <summary>Sets the limit, or another one. What is not paid for yet stays so.</summary>
    /// <param name="bytesPerSecond">Not 0.</param>
    /// <param name="lease">After which it ends.</param>
    public void Set(SimTime now, ulong bytesPerSecond, SimDuration lease)
    {
        Check.That(bytesPerSecond != 0);
        (BytesPerSecond, Ends, _rest) = (bytesPerSecond, now + lease, 0);
    }

    /// <summary>There is no limit any more, and nothing to be paid for.</summary>
    public void Lift() => (BytesPerSecond, Ends, _paidUntil, _rest) = (0, SimTime.Never, new SimTime(long.MinValue / 2), 0);

    /// <summary>A migration begins: it counts anew.</summary>
    public void Reset()
    {
        Lift();
        (CommandsHeld, TimeHeld) = (0, SimDuration.Zero);
    }

    /// <summary>Takes a write, which came now, and tells when it may be answered: now, or later.</summary>
    /// <param name="done">When it is done, which is no sooner answered.</param>
    /// <param name="bytes">That it counts as, not 0.</param>
    public SimTime Admit(SimTime now, SimTime done, uint bytes)
    {
        ulong work = (bytes * NanosecondsOfSecond) + _rest;
        _rest = work % BytesPerSecond;
        SimTime begins = SimTime.Max(_paidUntil, now - Burst);
        _paidUntil = SimTime.Min(begins + new SimDuration((long)(work / BytesPerSecond)), now + LongestHold);
        if (_paidUntil <= done)
            return done;
        CommandsHeld++;
        return _paidUntil;
    }

    /// <summary>A command that was held is answered.</summary>
    public void Answered(SimDuration held) => TimeHeld += held;
}
