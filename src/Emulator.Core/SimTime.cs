using System.Globalization;

namespace Emulator.Core;

/// <summary>
/// A point in time as the drive sees it: nanoseconds since the drive was powered on. The drive reads no clock; whoever
/// owns it passes the time in, a reactor from the machine's monotonic clock, a simulator from its event queue.
/// </summary>
public readonly record struct SimTime(long Nanoseconds) : IComparable<SimTime>
{
    public static readonly SimTime Zero = new(0);

    /// <summary>Later than everything: the due time of what will not happen by itself.</summary>
    public static readonly SimTime Never = new(long.MaxValue);

    public static SimTime Max(SimTime a, SimTime b) => a.Nanoseconds >= b.Nanoseconds ? a : b;

    public static SimTime Min(SimTime a, SimTime b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    public static SimTime operator +(SimTime time, SimDuration duration) => new(time.Nanoseconds + duration.Nanoseconds);

    public static SimTime operator -(SimTime time, SimDuration duration) => new(time.Nanoseconds - duration.Nanoseconds);

    public static SimDuration operator -(SimTime later, SimTime earlier) => new(later.Nanoseconds - earlier.Nanoseconds);

    public static bool operator <(SimTime a, SimTime b) => a.Nanoseconds < b.Nanoseconds;

    public static bool operator >(SimTime a, SimTime b) => a.Nanoseconds > b.Nanoseconds;

    public static bool operator <=(SimTime a, SimTime b) => a.Nanoseconds <= b.Nanoseconds;

    public static bool operator >=(SimTime a, SimTime b) => a.Nanoseconds >= b.Nanoseconds;

    public int CompareTo(SimTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public override string ToString() =>
        this == Never ? "never" : (Nanoseconds / 1e9).ToString("F9", CultureInfo.InvariantCulture) + " s";
}
