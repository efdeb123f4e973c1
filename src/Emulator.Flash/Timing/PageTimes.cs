using Emulator.Core;

namespace Emulator.Flash.Timing;

/// <summary>
/// One duration for each page type; types that a kind of cell does not have are zero and never asked for.
/// </summary>
public readonly record struct PageTimes(SimDuration Lsb, SimDuration Csb, SimDuration Msb, SimDuration Tsb)
{
    public SimDuration this[PageType type] => type switch
    {
        PageType.Lsb => Lsb,
        PageType.Csb => Csb,
        PageType.Msb => Msb,
        _ => Tsb,
    };

    /// <summary>The same for every page type.</summary>
    public static PageTimes Same(SimDuration duration) => new(duration, duration, duration, duration);
}
