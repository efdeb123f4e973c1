using System.Runtime.InteropServices;
using Emulator.Flash;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// The snapshots that there are, in the order in which they were made, and the segments of their volumes, as a checkpoint
/// and the journal have them (specs/media-format.md, "Snapshots"). Without snapshots it is empty.
/// </summary>
internal sealed class SnapshotList
{
    private const int HeaderBytes = 8;
    private const uint LargestVolume = ushort.MaxValue;

    [StructLayout(LayoutKind.Sequential, Pack = 1, Size = Bytes)]
    public struct Entry
    {
        public const int Bytes = 24;

        public uint Id;
        public uint Volume;
        public ulong Sequence;
        private readonly ulong _reserved;
    }

    public List<Entry> Snapshots { get; } = [];

    /// <summary>Pairs of the first segment of a row and their number, by volumes.</summary>
    public Dictionary<uint, uint[]> Volumes { get; } = [];

    /// <param name="without">A snapshot that is left out; null for none.</param>
    /// <returns>Bytes written; -1 if there is not enough room.</returns>
    public static int WriteTo(SnapshotTable snapshots, SnapshotMap? without, Span<byte> destination)
    {
        int count = snapshots.All.Count - (without == null ? 0 : 1);
        if (count == 0)
            return 0;
        int at = HeaderBytes + (count * Entry.Bytes);
        if (at > destination.Length)
            return -1;

        uint volumes = 0;
        Span<Entry> entries = MemoryMarshal.Cast<byte, Entry>(destination.Slice(HeaderBytes, count * Entry.Bytes));
        int written = 0;
        foreach (SnapshotMap snapshot in snapshots.All)
        {
            if (snapshot == without)
                continue;
            entries[written++] = new Entry { Id = snapshot.Id, Volume = snapshot.Volume, Sequence = snapshot.Sequence };
            SnapshotMap? older = snapshot.Older != without ? snapshot.Older : without?.Older;
            if (older != null)
                continue;
            volumes++;
            ReadOnlySpan<byte> runs = MemoryMarshal.AsBytes(snapshots.RunsOf(snapshot.Volume));
            if (destination.Length - at < HeaderBytes + runs.Length)
                return -1;
            MemoryMarshal.Write(destination[at..], snapshot.Volume);
            MemoryMarshal.Write(destination[(at + sizeof(uint))..], runs.Length / (2 * sizeof(uint)));
            runs.CopyTo(destination[(at + HeaderBytes)..]);
            at += HeaderBytes + runs.Length;
        }

        MemoryMarshal.Write(destination, count);
        MemoryMarshal.Write(destination[sizeof(uint)..], volumes);
        return at;
    }

    /// <param name="segments">Segments of the drive.</param>
    /// <exception cref="MediumException">The list is impossible.</exception>
    public static SnapshotList Read(ReadOnlySpan<byte> bytes, int segments, string name)
    {
        var list = new SnapshotList();
        if (bytes.IsEmpty)
            return list;
        if (!list.TryRead(bytes, segments))
            throw MediumFormat.Damaged(name, "its list of snapshots is impossible");
        return list;
    }

    private bool TryRead(ReadOnlySpan<byte> bytes, int segments)
    {
        if (bytes.Length < HeaderBytes)
            return false;
        uint count = MemoryMarshal.Read<uint>(bytes);
        uint volumes = MemoryMarshal.Read<uint>(bytes[sizeof(uint)..]);
        bytes = bytes[HeaderBytes..];
        if (count > (uint)(bytes.Length / Entry.Bytes))
            return false;
        Snapshots.AddRange(MemoryMarshal.Cast<byte, Entry>(bytes[..((int)count * Entry.Bytes)]));
        bytes = bytes[((int)count * Entry.Bytes)..];
        for (uint i = 0; i < volumes; i++)
        {
            if (!TryReadVolume(ref bytes, segments))
                return false;
        }

        return bytes.IsEmpty && Snapshots.TrueForAll(
            entry => entry.Id is > 0 and <= ushort.MaxValue && Volumes.ContainsKey(entry.Volume));
    }

    private bool TryReadVolume(ref ReadOnlySpan<byte> bytes, int segments)
    {
        if (bytes.Length < HeaderBytes)
            return false;
        uint volume = MemoryMarshal.Read<uint>(bytes);
        uint runs = MemoryMarshal.Read<uint>(bytes[sizeof(uint)..]);
        bytes = bytes[HeaderBytes..];
        if (volume is 0 or > LargestVolume || runs > (uint)bytes.Length / (2 * sizeof(uint)))
            return false;
        uint[] pairs = MemoryMarshal.Cast<byte, uint>(bytes[..((int)runs * 2 * sizeof(uint))]).ToArray();
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] > (uint)segments || pairs[i + 1] > (uint)segments - pairs[i])
                return false;
        }

        bytes = bytes[((int)runs * 2 * sizeof(uint))..];
        return Volumes.TryAdd(volume, pairs);
    }
}
