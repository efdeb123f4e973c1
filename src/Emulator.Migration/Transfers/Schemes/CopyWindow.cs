using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// How much of a copy may be on its way to the other drive at a time. What hosts send there stands behind it, in the link's queue or the
/// drive's, so that it is kept to what never leaves the narrowest place idle: of the copy's bytes under way one to two commands stand in
/// a queue, as the time that a command takes beyond the shortest says (TCP Vegas: Brakmo and Peterson, IEEE JSAC 13(8), 1995).
/// </summary>
/// <remarks>Called on the thread that owns the copy, in real or virtual time.</remarks>
/// <param name="commandBytes">Bytes of a long command of the copy. One that has less than half of them says nothing about the way.</param>
public sealed class CopyWindow(int commandBytes)
{
    private const int FirstCommands = 2;

    /// <summary>The shortest time is that of the last one to two of these: the way may be another one by now.</summary>
    private static readonly SimDuration Memory = SimDuration.FromSeconds(10);

    private SimDuration _shortest = new(long.MaxValue);
    private SimDuration _shortestBefore = new(long.MaxValue);
    private SimTime _forgetsAt;

    /// <summary>What was sent before saw less, or more, than there may be since.</summary>
    private SimTime _changedAt;

    /// <summary>Bytes that may be under way.</summary>
    public long Bytes { get; private set; } = FirstCommands * (long)commandBytes;

    /// <summary>Bytes that are under way.</summary>
    public long UnderWay { get; private set; }

    /// <summary>Whether a command may be sent now.</summary>
    /// <param name="bytes">That it carries.</param>
    public bool HasRoomFor(long bytes) => UnderWay == 0 || UnderWay + bytes <= Bytes;

    /// <summary>A command is sent.</summary>
    public void Sent(long bytes) => UnderWay += bytes;

    /// <summary>A command is complete.</summary>
    /// <param name="sentAt">When it was sent.</param>
    /// <param name="underWay"><see cref="UnderWay"/> when it had been sent: itself, and what was before it.</param>
    public void Completed(SimTime now, SimTime sentAt, long bytes, long underWay)
    {
        UnderWay -= bytes;
        if (bytes < commandBytes / 2 || now <= sentAt)
            return;
        SimDuration took = now - sentAt;
        Remember(now, took);
        if (sentAt < _changedAt)
            return;
        double shortest = Math.Min(_shortest.Nanoseconds, _shortestBefore.Nanoseconds);
        double standing = underWay * (1 - (shortest / took.Nanoseconds));
        if (standing > 2 * commandBytes && Bytes > commandBytes)
            Change(now, -commandBytes);
        else if (standing < commandBytes && underWay > Bytes - commandBytes)
            Change(now, commandBytes);
    }

    private void Remember(SimTime now, SimDuration took)
    {
        if (now >= _forgetsAt)
        {
            (_shortestBefore, _shortest) = (_shortest, took);
            _forgetsAt = now + Memory;
        }
        else if (took < _shortest)
        {
            _shortest = took;
        }
    }

    private void Change(SimTime now, long bytes)
    {
        Bytes += bytes;
        _changedAt = now;
    }
}
