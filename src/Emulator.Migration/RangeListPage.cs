using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// The bytes of a range list: a header, and entries in order. The memory grows with the longest list, and is bounded by
/// the limit on ranges.
/// </summary>
public sealed class RangeListPage
{
    private const int FewRanges = 127;

    private byte[] _bytes = new byte[RangeListHeader.Size + (FewRanges * RangeListEntry.Size)];

    public int Ranges { get; private set; }

    /// <summary>Logical blocks in the ranges.</summary>
    public ulong Blocks { get; private set; }

    /// <summary>Header and entries.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, RangeListHeader.Size + (Ranges * RangeListEntry.Size));

    public void Clear() => (Ranges, Blocks) = (0, 0);

    /// <summary>Adds blocks to the last range, if they continue it, or as a new one.</summary>
    /// <returns>False when it would be one range too many.</returns>
    public bool TryAdd(uint nsid, ulong start, ulong blocks, uint flags, int mostRanges)
    {
        if (Ranges > 0)
        {
            ref RangeListEntry last = ref Entry(Ranges - 1);
            if (last.Nsid == nsid && last.Flags == flags && last.Slba + last.Blocks == start)
            {
                last.Blocks = last.Blocks + blocks;
                Blocks += blocks;
                return true;
            }
        }

        if (Ranges == mostRanges)
            return false;
        if (RangeListHeader.Size + ((Ranges + 1) * RangeListEntry.Size) > _bytes.Length)
            Array.Resize(ref _bytes, _bytes.Length * 2);
        Entry(Ranges++) = new RangeListEntry { Slba = start, Blocks = blocks, Nsid = nsid, Flags = flags };
        Blocks += blocks;
        return true;
    }

    /// <summary>Writes the header, with what is known here of its fields.</summary>
    public void WriteHeader(RangeListHeader header)
    {
        header.Version = 1;
        header.Ranges = (ulong)Ranges;
        header.Blocks = Blocks;
        header.EntrySize = RangeListEntry.Size;
        WireStruct.Write(_bytes, header);
    }

    private ref RangeListEntry Entry(int index) => ref WireStruct.As<RangeListEntry>(
        _bytes.AsSpan(RangeListHeader.Size + (index * RangeListEntry.Size), RangeListEntry.Size));
}
