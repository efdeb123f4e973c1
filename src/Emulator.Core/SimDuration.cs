using System.Globalization;

namespace Emulator.Core;

/// <summary>A length of time in nanoseconds; kept apart from <see cref="SimTime"/> so that the two do not mix.</summary>
public readonly record struct SimDuration(long Nanoseconds) : IComparable<SimDuration>
{
    public static readonly SimDuration Zero = new(0);

    public static SimDuration FromMicroseconds(long microseconds) => new(microseconds * 1_000);

    public static SimDuration FromMilliseconds(long milliseconds) => new(milliseconds * 1_000_000);

    public static SimDuration FromSeconds(long seconds) => new(seconds * 1_000_000_000);

    public long Milliseconds => Nanoseconds / 1_000_000;

    public static SimDuration operator +(SimDuration a, SimDuration b) => new(a.Nanoseconds + b.Nanoseconds);

    public static SimDuration operator -(SimDuration a, SimDuration b) => new(a.Nanoseconds - b.Nanoseconds);

    public static SimDuration operator *(SimDuration a, long factor) => new(a.Nanoseconds * factor);

    public static bool operator <(SimDuration a, SimDuration b) => a.Nanoseconds < b.Nanoseconds;

    public static bool operator >(SimDuration a, SimDuration b) => a.Nanoseconds > b.Nanoseconds;

    public static bool operator <=(SimDuration a, SimDuration b) => a.Nanoseconds <= b.Nanoseconds;

    public static bool operator >=(SimDuration a, SimDuration b) => a.Nanoseconds >= b.Nanoseconds;

    public int CompareTo(SimDuration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public override string ToString() => (Nanoseconds / 1e3).ToString("F3", CultureInfo.InvariantCulture) + " us";
}
