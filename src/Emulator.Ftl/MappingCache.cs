using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Timing;

namespace Emulator.Ftl;

/// <summary>
/// What of the map a device has in its DRAM that has no room for all of it, replaced by CLOCK: pages of the map with the
/// entries of 1024 logical pages each, or entries one by one. It is a model of time alone, the map itself is always at
/// hand here. A miss reads a page of flash, and a changed page that has to go is programmed; the pages of the map are
/// spread over the dies by their number, and their programs take no room (the tables of a drive are a thousandth of its
/// capacity).
/// </summary>
internal sealed class MappingCache
{
    private const int EntriesShift = 10;
    private const int None = -1;

    /// <summary>An entry by itself has to say which page it is for.</summary>
    private const int EntryBytes = 8;

    /// <summary>What of a page of the map crosses the channel when a single entry is wanted.</summary>
    private const int SectorBytes = 512;

    /// <summary>Nothing but the order of magnitude: what lies between the pages of cells that are fast and slow.</summary>
    private const PageType Type = PageType.Lsb;

    private readonly FlashTiming? _timing;
    private readonly int _dies;
    private readonly int _unitShift;
    private readonly int[] _slotOf;
    private readonly int[] _unitIn;
    private readonly bool[] _isUsed;
    private readonly bool[] _isDirty;
    private int _hand;

    /// <param name="logicalPages">Pages that the map is for.</param>
    /// <param name="bytes">DRAM for the map; at least a page's worth is used.</param>
    /// <param name="unit">What is kept and given up as a whole.</param>
    /// <param name="timing">Null where flash takes no time.</param>
    public MappingCache(long logicalPages, long bytes, MappingCacheUnit unit, int dies, FlashTiming? timing)
    {
        _timing = timing;
        _dies = dies;
        _unitShift = unit == MappingCacheUnit.Page ? EntriesShift : 0;
        int unitBytes = unit == MappingCacheUnit.Page ? FlashGeometry.PageBytes : EntryBytes;
        _slotOf = new int[(logicalPages >> _unitShift) + 1];
        _slotOf.AsSpan().Fill(None);
        _unitIn = new int[(int)Math.Clamp(bytes / unitBytes, 1, _slotOf.Length)];
        _unitIn.AsSpan().Fill(None);
        _isUsed = new bool[_unitIn.Length];
        _isDirty = new bool[_unitIn.Length];
    }

    private bool KeepsEntries => _unitShift == 0;

    /// <summary>Looks an entry up, or changes it.</summary>
    /// <returns>When it is in DRAM.</returns>
    public SimTime Access(SimTime now, LogicalPage page, bool changes, ref FtlCounters counters)
    {
        int unit = (int)(page.Value >> _unitShift);
        int slot = _slotOf[unit];
        if (slot != None)
        {
            counters.MappingHits++;
        }
        else
        {
            counters.MappingMisses++;
            slot = MakeRoom(now, ref counters);
            _unitIn[slot] = unit;
            _slotOf[unit] = slot;
            if (_timing != null)
                now = _timing.Read(now, DieOf(unit), KeepsEntries ? SectorBytes : FlashGeometry.PageBytes, Type);
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
        if (_unitIn[slot] == None)
            return slot;
        counters.MappingEvictions++;
        _slotOf[_unitIn[slot]] = None;
        if (_isDirty[slot])
            WriteBack(now, slot, ref counters);
        return slot;
    }

    private void Advance() => _hand = _hand + 1 == _unitIn.Length ? 0 : _hand + 1;

    /// <summary>
    /// Programs a page of the map. Entries by themselves are merged with what the page holds, and all of them that were
    /// changed go with it.
    /// </summary>
    private void WriteBack(SimTime now, int slot, ref FtlCounters counters)
    {
        counters.MappingPrograms++;
        int unit = _unitIn[slot];
        _isDirty[slot] = false;
        if (KeepsEntries)
        {
            CleanNeighbours(unit >> EntriesShift);
            if (_timing != null)
                now = _timing.ReadInBackground(now, DieOf(unit), FlashGeometry.PageBytes, Type);
        }

        _timing?.Program(now, DieOf(unit), FlashGeometry.PageBytes, Type);
    }

    private void CleanNeighbours(int mapPage)
    {
        int first = mapPage << EntriesShift;
        int end = Math.Min(first + (1 << EntriesShift), _slotOf.Length);
        foreach (int slot in _slotOf.AsSpan(first..end))
        {
            if (slot != None)
                _isDirty[slot] = false;
        }
    }

    private int DieOf(int unit) => (int)((uint)(unit >> (EntriesShift - _unitShift)) % (uint)_dies);
}
