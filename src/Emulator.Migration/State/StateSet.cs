using System.Numerics;
using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// Writes a set of granules, pages or blocks of a namespace as attributes, one for each part of the namespace of which
/// there is anything in the set, so that a delta holds the parts alone that changed.
/// </summary>
public sealed class StateSetWriter(StateWriter writer)
{
    /// <summary>Units of a part.</summary>
    public const ulong PartUnits = 1ul << StateSetHeader.PartShift;

    private readonly List<StateSetRun> _runs = [];
    private byte[] _value = [];
    private ushort _type;
    private uint _nsid;
    private uint _part;

    public void Begin(ushort type, uint nsid)
    {
        Check.That(_runs.Count == 0);
        (_type, _nsid, _part) = (type, nsid, 0);
    }

    /// <summary>Adds a run of units, behind all that were added before.</summary>
    public void Add(ulong first, ulong count)
    {
        while (count > 0)
        {
            uint part = (uint)(first >> StateSetHeader.PartShift);
            if (part != _part)
                EndPart();
            _part = part;
            var within = (uint)(first & (PartUnits - 1));
            uint here = (uint)Math.Min(count, PartUnits - within);
            if (_runs.Count > 0 && _runs[^1].First + _runs[^1].Count == within)
                _runs[^1] = new StateSetRun { First = _runs[^1].First, Count = _runs[^1].Count + here };
            else
                _runs.Add(new StateSetRun { First = within, Count = here });
            first += here;
            count -= here;
        }
    }

    public void End() => EndPart();

    private void EndPart()
    {
        if (_runs.Count == 0)
            return;
        uint units = 0;
        foreach (StateSetRun run in _runs)
            units += run.Count;
        int bitmapBytes = (int)((_runs[^1].First + _runs[^1].Count + 7) / 8);
        int runBytes = _runs.Count * StateSetRun.Size;
        bool isBitmap = bitmapBytes < runBytes;
        int length = StateSetHeader.Size + (isBitmap ? bitmapBytes : runBytes);
        if (_value.Length < length)
            _value = new byte[Math.Max(length, 4096)];
        Span<byte> value = _value.AsSpan(0, length);
        WireStruct.Write(value, new StateSetHeader
        {
            Form = (byte)(isBitmap ? StateSetForm.Bitmap : StateSetForm.Runs),
            Units = units,
        });
        if (isBitmap)
            WriteBitmap(value[StateSetHeader.Size..]);
        else
            MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_runs)).CopyTo(value[StateSetHeader.Size..]);
        writer.Attribute(_type, StateAttributeId.KeyOf(_nsid, _part), value);
        _runs.Clear();
    }

    private void WriteBitmap(Span<byte> bitmap)
    {
        bitmap.Clear();
        foreach (StateSetRun run in _runs)
        {
            for (uint unit = run.First; unit < run.First + run.Count; unit++)
                bitmap[(int)(unit / 8)] |= (byte)(1 << (int)(unit % 8));
        }
    }
}

/// <summary>Reads the runs of one part of a set.</summary>
public ref struct StateSetReader
{
    private readonly ReadOnlySpan<byte> _bitmap;
    private readonly ReadOnlySpan<StateSetRun> _runs;
    private readonly ulong _start;
    private ulong _next;

    /// <param name="value">A set that is valid.</param>
    /// <param name="part">Which part of the namespace; units are told from the beginning of the namespace.</param>
    public StateSetReader(ReadOnlySpan<byte> value, uint part)
    {
        _start = (ulong)part << StateSetHeader.PartShift;
        ReadOnlySpan<byte> rest = value[StateSetHeader.Size..];
        if (value[0] == (byte)StateSetForm.Bitmap)
            _bitmap = rest;
        else
            _runs = MemoryMarshal.Cast<byte, StateSetRun>(rest);
    }

    /// <summary>What is wrong with the value of a part of a set; null if nothing is.</summary>
    /// <param name="part">Which part of the namespace.</param>
    /// <param name="units">Units of the namespace.</param>
    public static string? Problem(ReadOnlySpan<byte> value, uint part, ulong units)
    {
        if (value.Length < StateSetHeader.Size)
            return "a set is cut off";
        StateSetHeader header = WireStruct.Read<StateSetHeader>(value[..StateSetHeader.Size]);
        ReadOnlySpan<byte> rest = value[StateSetHeader.Size..];
        bool isWhole = (StateSetForm)header.Form switch
        {
            StateSetForm.Runs => rest.Length % StateSetRun.Size == 0,
            StateSetForm.Bitmap => rest.Length <= (int)(StateSetWriter.PartUnits / 8),
            _ => false,
        };
        if (!isWhole || ((ReadOnlySpan<byte>)header.Reserved1).ContainsAnyExcept((byte)0))
            return "a set is in no form that there is";

        ulong start = (ulong)part << StateSetHeader.PartShift;
        ulong end = Math.Min(units, start + StateSetWriter.PartUnits);
        ulong counted = 0;
        ulong behind = start;
        var reader = new StateSetReader(value, part);
        while (reader.TryNext(out ulong first, out ulong count))
        {
            if (count == 0 || first < behind || first >= end || count > end - first)
                return "a set has runs out of order, or beyond the namespace";
            counted += count;
            behind = first + count + 1;
        }

        return counted == header.Units && counted > 0 ? null : "a set has another number of units than it says";
    }

    /// <summary>The next run.</summary>
    public bool TryNext(out ulong first, out ulong count)
    {
        if (_bitmap.IsEmpty)
        {
            bool isThere = _next < (uint)_runs.Length;
            first = isThere ? _start + _runs[(int)_next].First : 0;
            count = isThere ? (uint)_runs[(int)_next].Count : 0;
            _next++;
            return isThere;
        }

        ulong from = NextBit(_next, wanted: true);
        _next = NextBit(from, wanted: false);
        (first, count) = (_start + from, _next - from);
        return count > 0;
    }

    private readonly ulong NextBit(ulong from, bool wanted)
    {
        ulong bits = (ulong)_bitmap.Length * 8;
        while (from < bits)
        {
            int rest = (wanted ? _bitmap[(int)(from / 8)] : ~_bitmap[(int)(from / 8)] & 0xFF) >> (int)(from % 8);
            if (rest != 0)
                return from + (uint)BitOperations.TrailingZeroCount(rest);
            from = (from / 8 + 1) * 8;
        }

        return bits;
    }
}
