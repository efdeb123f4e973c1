using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// What cannot be seen in spare areas, in the order in which it happened: trims, erases, and the device's metadata. Trims
/// and erases are gathered and written when there is a record full of them, or when all has to be durable.
/// </summary>
internal sealed class Journal
{
    private const int GatheredTrims = 254;
    private const int GatheredErases = 64;
    private const int GatheredKept = 168;

    private readonly SystemArea _area;
    private readonly SystemLayout _layout;
    private readonly TrimmedRun[] _trims = new TrimmedRun[GatheredTrims];
    private readonly ErasedSuperblock[] _erases = new ErasedSuperblock[GatheredErases];
    private readonly KeptPage[] _kept = new KeptPage[GatheredKept];
    private readonly byte[] _record;
    private int _trimCount;
    private int _eraseCount;
    private int _keptCount;

    public Journal(SystemArea area, SystemLayout layout, int metadataBytes)
    {
        _area = area;
        _layout = layout;
        int largest = Math.Max(metadataBytes, GatheredTrims * Marshal.SizeOf<TrimmedRun>());
        _record = new byte[JournalRecord.BytesFor(largest)];
    }

    /// <summary>The checkpoint with which the present half began.</summary>
    public ulong Generation { get; private set; }

    /// <summary>Ordinal of the next record.</summary>
    public ulong NextOrdinal { get; private set; }

    /// <summary>Bytes of the present half that are written.</summary>
    public long Used { get; private set; }

    /// <summary>What is gathered and not yet written would not fit beside what may come with it.</summary>
    public bool IsNearlyFull => Used + (3L * _record.Length) > _layout.JournalBytes;

    public bool HasRoomFor(int payload) => JournalRecord.BytesFor(payload) <= _layout.JournalBytes - Used;

    /// <summary>When everything that was written is on the medium.</summary>
    public SimTime Done { get; private set; } = SimTime.Zero;

    /// <summary>Begins the half that belongs to a checkpoint.</summary>
    public void Begin(ulong generation, ulong firstOrdinal, SimTime notBefore)
    {
        Generation = generation;
        NextOrdinal = firstOrdinal;
        Used = 0;
        Done = SimTime.Max(Done, notBefore);
    }

    /// <summary>Notes that a page was trimmed.</summary>
    /// <param name="sequence">A run goes on as long as its sequence does.</param>
    /// <returns>Whether there is no room to note another.</returns>
    public bool NoteTrim(LogicalPage page, ulong sequence)
    {
        if (ContinuesRun(page, sequence))
        {
            _trims[_trimCount - 1].Count++;
            return false;
        }

        _trims[_trimCount++] = new TrimmedRun(page.Value, 1, sequence);
        return _trimCount == GatheredTrims;
    }

    /// <summary>Whether a trim needs no sequence of its own.</summary>
    public bool ContinuesRun(LogicalPage page, ulong sequence)
    {
        if (_trimCount == 0)
            return false;
        ref readonly TrimmedRun last = ref _trims[_trimCount - 1];
        return last.Sequence == sequence && last.First + last.Count == page.Value;
    }

    /// <returns>Whether there is no room to note another.</returns>
    public bool NoteErase(int superblock, int eraseCount, bool isRetired)
    {
        _erases[_eraseCount++] = new ErasedSuperblock(superblock, eraseCount, isRetired);
        return _eraseCount == GatheredErases;
    }

    /// <summary>Notes that a snapshot keeps a page.</summary>
    /// <returns>Whether there is no room to note another.</returns>
    public bool NoteKept(in KeptPage kept)
    {
        _kept[_keptCount++] = kept;
        return _keptCount == GatheredKept;
    }

    /// <summary>Writes what was gathered. The caller has seen to it that there is room.</summary>
    /// <returns>False if it could not be written.</returns>
    public bool WriteGathered(SimTime now, SimTime start)
    {
        bool written = true;
        if (_eraseCount > 0)
        {
            written = Append(now, start, JournalKind.Erases, MemoryMarshal.AsBytes(_erases.AsSpan(0, _eraseCount)));
            _eraseCount = written ? 0 : _eraseCount;
        }

        // What is kept comes before the trims that it was kept from.
        if (_keptCount > 0 && written)
        {
            written = Append(now, start, JournalKind.Kept, MemoryMarshal.AsBytes(_kept.AsSpan(0, _keptCount)));
            _keptCount = written ? 0 : _keptCount;
        }

        if (_trimCount > 0 && written)
        {
            written = Append(now, start, JournalKind.Trims, MemoryMarshal.AsBytes(_trims.AsSpan(0, _trimCount)));
            _trimCount = written ? 0 : _trimCount;
        }

        return written;
    }

    /// <summary>Forgets what was gathered and that a checkpoint now holds, which was written at once.</summary>
    public void ForgetGathered() => _trimCount = _eraseCount = _keptCount = 0;

    /// <summary>Writes one record.</summary>
    /// <returns>False if it could not be written.</returns>
    public bool Append(SimTime now, SimTime start, JournalKind kind, ReadOnlySpan<byte> payload)
    {
        Check.That(HasRoomFor(payload.Length));
        Span<byte> record = _record.AsSpan(0, JournalRecord.BytesFor(payload.Length));
        payload.CopyTo(record[JournalRecord.Bytes..]);
        new JournalRecord
        {
            Kind = kind,
            Generation = Generation,
            Ordinal = NextOrdinal,
            Length = (uint)payload.Length,
        }.Seal(record);

        long offset = _layout.JournalOffset(Generation) + Used;
        SimTime begin = SimTime.Max(start, Done);
        if (!_area.Write(now, begin, SystemWrite.Journal, offset, record, out SimTime done)
            && !_area.Write(now, begin, SystemWrite.Journal, offset, record, out done))
            return false;
        Done = done;
        Used += record.Length;
        NextOrdinal++;
        return true;
    }
}
