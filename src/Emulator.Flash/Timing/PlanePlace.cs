namespace Emulator.Flash.Timing;

/// <summary>
/// Where a flash page is within its die, as far as planes can work together: they do so on pages of the same row. The
/// default is no place, which goes with no other.
/// </summary>
public readonly record struct PlanePlace
{
    private readonly int _row;

    private PlanePlace(int row, uint planes) => (_row, Planes) = (row, planes);

    /// <summary>A bit for each plane that takes part; none for no place.</summary>
    internal uint Planes { get; }

    /// <param name="row">Number of the row on the medium.</param>
    /// <param name="plane">0 to 31.</param>
    public static PlanePlace Of(uint row, int plane) => new((int)row, 1u << plane);

    /// <summary>Whether another operation can be done at once with those that are together here.</summary>
    internal bool GoesWith(PlanePlace other) =>
        Planes != 0 && other.Planes != 0 && _row == other._row && (Planes & other.Planes) == 0;

    internal PlanePlace With(PlanePlace other) => new(_row, Planes | other.Planes);
}
