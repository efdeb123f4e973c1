using System.Numerics;

namespace Emulator.Cache;

/// <summary>
/// The pages that went last, about as many as there are lines. Each has one place where it can be, with the count of
/// those that went before it: two that fall together leave the later, which a policy can do without.
/// </summary>
internal sealed class GhostTable
{
    private const uint NoPage = uint.MaxValue;

    private readonly (uint Page, uint Count)[] _places;
    private readonly int _shift;
    private readonly uint _span;
    private uint _count;

    /// <param name="span">A page is forgotten when so many have gone after it.</param>
    public GhostTable(int span)
    {
        _span = (uint)span;
        uint places = BitOperations.RoundUpToPowerOf2((uint)span) * 2;
        _places = new (uint, uint)[places];
        Array.Fill(_places, (NoPage, 0u));
        _shift = 32 - BitOperations.Log2(places);
    }

    public void Add(uint page) => PlaceOf(page) = (page, _count++);

    /// <summary>Whether a page went lately; it is forgotten.</summary>
    public bool Take(uint page)
    {
        ref (uint Page, uint Count) place = ref PlaceOf(page);
        if (place.Page != page)
            return false;
        place.Page = NoPage;
        return _count - place.Count <= _span;
    }

    private ref (uint Page, uint Count) PlaceOf(uint page) => ref _places[(page * 2_654_435_769u) >> _shift];
}
