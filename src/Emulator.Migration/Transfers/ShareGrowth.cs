namespace Emulator.Migration;

/// <summary>
/// How the share of a copy grows that falls behind what hosts write, whoever copies: the source drive (C5h) or a host. Hosts keep some
/// of the drive either way.
/// </summary>
public static class ShareGrowth
{
    /// <summary>It grows no further, in percent.</summary>
    public const int MostPercent = 80;

    /// <summary>A round that leaves more than so many of its parts does not lead to an end soon.</summary>
    private const ulong LeftOver = 3;
    private const ulong RoundParts = 4;

    /// <summary>The next share, in percent: twice the present, which is left as it is beyond the most.</summary>
    public static int After(int percent) => Math.Max(percent, Math.Min(percent * 2, MostPercent));

    /// <summary>Whether a round that began with so much, in any unit, leaves too much.</summary>
    /// <param name="dirty">Of the next round, so far; it only grows within a round.</param>
    public static bool IsDue(ulong dirty, ulong round) => dirty > round / RoundParts * LeftOver;
}
