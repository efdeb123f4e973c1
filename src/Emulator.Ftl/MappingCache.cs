using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Timing;

namespace Emulator.Ftl;

/// <summary>
/// What of the map a device has in its DRAM that has no room for all of it: pages of the map with the entries of 1024
/// logical pages each, replaced by CLOCK. It is a model of time alone, the map itself is always at hand here. A miss
/// reads a page of flash, and a changed page that has to go is programmed; the pages of the map are spread over the dies
/// by their number, and their programs take no room (the tables of a drive are a thousandth of its capacity).
/// </summary>
internal sealed class MappingCache
{
    private const int EntriesShift = 10;
    private const int None = -1;

    /// <summary>Nothing but the order of magnitude: what lies between the pages of cells that are fast and slow.</summary>
    private const PageType Type = PageType.Lsb;

    private readonly FlashTiming? _timing;
    private readonly int _dies;
    private readonly int[] _slotOf;
    private readonly int[] _pageIn;
    private readonly bool[] _isUsed;
    private readonly bool[] _isDirty;
    private int _hand;

    /// <param name="logicalPages">Pages that the map is for.</param>
    /// <param name="bytes">DRAM for the map; at least a page's worth is used.</param>
    /// <param name="timing">Null where flash takes no time.</param>
    public MappingCache(long logicalPages, long bytes, int dies, FlashTiming? timing)
    {
        _timing = timing;
        _dies = dies;
        _slotOf = new int[(logicalPages >> EntriesShift) + 1];
        _slotOf.AsSpan().Fill(None);
        _pageIn = new int[(int)Math.Clamp(bytes / FlashGeometry.PageBytes, 1, _slotOf.Length)];
        _pageIn.AsSpan().Fill(None);
        _isUsed = new bool[_pageIn.Length];
        _isDirty = new bool[_pageIn.Length];
    }

    /// <summary>Looks an entry up, or changes it.</summary>
    /// <returns>When its page of the map is in DRAM.</returns>
    public SimTime Access(SimTime now, LogicalPage page, bool changes, ref FtlCounters counters)
    {
        int mapPage = (int)(page.Value >> EntriesShift);
        int slot = _slotOf[mapPage];
        if (slot != None)
        {
            counters.MappingHits++;
        }
        else
        {
            counters.MappingMisses++;
            slot = MakeRoom(now, ref counters);
            _pageIn[slot] = mapPage;
            _slotOf[mapPage] = slot;
            if (_timing != null)
                now = _timing.Read(now, DieOf(mapPage), FlashGeometry.PageBytes, Type);
        }

        _isUsed[slot] = true;
        _isDirty[slot] |= changes;
        return now;
    }

    private int MakeRoom(SimTime now, ref FtlCounters counters)
    {
        while (_isUsed[_hand])
        {
            _isUsed[_hand] = false;
            Advance();
        }

        int slot = _hand;
        Advance();
        if (_pageIn[slot] == None)
            return slot;
        counters.MappingEvictions++;
        _slotOf[_pageIn[slot]] = None;
        if (_isDirty[slot])
            WriteBack(now, slot, ref counters);
        return slot;
    }

    private void Advance() => _hand = _hand + 1 == _pageIn.Length ? 0 : _hand + 1;

    private void WriteBack(SimTime now, int slot, ref FtlCounters counters)
    {
        counters.MappingPrograms++;
        _isDirty[slot] = false;
        _timing?.Program(now, DieOf(_pageIn[slot]), FlashGeometry.PageBytes, Type);
    }

    private int DieOf(int mapPage) => (int)((uint)mapPage % (uint)_dies);
}
