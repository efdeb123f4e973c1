using System.Runtime.InteropServices;
using Emulator.Flash;

namespace Emulator.Ftl.Persistence;

/// <summary>Reads the journal from the beginning of a checkpoint on: its own half, then that of the next.</summary>
public sealed unsafe class JournalReader(Medium medium, MediumFormat format)
{
    private readonly SystemLayout _layout = new(format);

    /// <summary>Records that were read.</summary>
    public long Records { get; private set; }

    /// <summary>Ordinal of the record that would follow.</summary>
    public ulong NextOrdinal { get; private set; }

    public List<TrimmedRun> Trims { get; } = [];

    public List<ErasedSuperblock> Erases { get; } = [];

    /// <summary>What snapshots keep, in order.</summary>
    public List<KeptPage> Kept { get; } = [];

    /// <summary>Lists of snapshots, each with the number of <see cref="Kept"/> before it.</summary>
    public List<(int After, byte[] List)> SnapshotLists { get; } = [];

    /// <summary>Up to this sequence everything was durable; 0 when the journal does not say.</summary>
    public ulong DurableSequence { get; private set; }

    /// <summary>The last metadata of the device; null when the journal has none.</summary>
    public byte[]? Metadata { get; private set; }

    /// <summary>Reads two halves, as far as each record follows the one before.</summary>
    /// <returns>Ordinal with which the second half begins or would begin.</returns>
    public ulong Read(ulong generation, ulong firstOrdinal)
    {
        NextOrdinal = firstOrdinal;
        ReadHalf(generation);
        ulong between = NextOrdinal;
        ReadHalf(generation + 1);
        return between;
    }

    private void ReadHalf(ulong generation)
    {
        var rest = new ReadOnlySpan<byte>(medium.System + _layout.JournalOffset(generation), (int)_layout.JournalBytes);
        while (JournalRecord.TryRead(rest, generation, out JournalRecord record, out ReadOnlySpan<byte> payload)
            && record.Ordinal == NextOrdinal)
        {
            Take(record.Kind, payload);
            NextOrdinal++;
            Records++;
            rest = rest[JournalRecord.BytesFor(payload.Length)..];
        }
    }

    private void Take(JournalKind kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case JournalKind.Trims:
                Trims.AddRange(MemoryMarshal.Cast<byte, TrimmedRun>(payload));
                break;
            case JournalKind.Erases:
                Erases.AddRange(MemoryMarshal.Cast<byte, ErasedSuperblock>(payload));
                break;
            case JournalKind.Durable when payload.Length == sizeof(ulong):
                DurableSequence = Math.Max(DurableSequence, MemoryMarshal.Read<ulong>(payload));
                break;
            case JournalKind.Kept:
                Kept.AddRange(MemoryMarshal.Cast<byte, KeptPage>(payload));
                break;
            case JournalKind.Snapshots:
                SnapshotLists.Add((Kept.Count, payload.ToArray()));
                break;
            case JournalKind.Metadata:
                Metadata = payload.ToArray();
                break;
        }
    }
}
