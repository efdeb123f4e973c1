using System.Runtime.InteropServices;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>A namespace as the medium keeps it.</summary>
internal sealed class NamespaceRecord
{
    public uint Nsid { get; private set; }

    public ulong BlockCount { get; private set; }

    public uint Format { get; private set; }

    public bool IsShared { get; private set; }

    public bool IsConfigured { get; private set; }

    public uint[] Segments { get; private set; } = [];

    public ushort[] Attachments { get; private set; } = [];

    /// <summary>Pairs of first block and number of blocks.</summary>
    public ulong[] Uncorrectable { get; private set; } = [];

    /// <summary>NGUID, UUID and EUI64 if they are not its own; else empty.</summary>
    public byte[] Identity { get; private set; } = [];

    public byte[] Features { get; private set; } = [];

    public byte[] Reservations { get; private set; } = [];

    /// <summary>What was done to the pages that it wrote last.</summary>
    public PageTransforms Transforms { get; private set; }

    /// <summary>Names the key of those of its pages that are encrypted; 0 if none ever was.</summary>
    public UInt128 KeyIdentifier { get; private set; }

    public static NamespaceRecord ReadFrom(MetadataReader reader)
    {
        var record = new NamespaceRecord();
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.Nsid:
                    record.Nsid = (uint)reader.Count;
                    break;
                case MetadataTag.BlockCount:
                    record.BlockCount = reader.Number;
                    break;
                case MetadataTag.Format:
                    record.Format = (uint)reader.Count;
                    break;
                case MetadataTag.IsShared:
                    record.IsShared = reader.Number != 0;
                    break;
                case MetadataTag.IsConfigured:
                    record.IsConfigured = reader.Number != 0;
                    break;
                case MetadataTag.Segments:
                    record.Segments = Expanded(MemoryMarshal.Cast<byte, uint>(reader.Bytes));
                    break;
                case MetadataTag.Attachments:
                    record.Attachments = MemoryMarshal.Cast<byte, ushort>(reader.Bytes).ToArray();
                    break;
                case MetadataTag.Uncorrectable:
                    record.Uncorrectable = MemoryMarshal.Cast<byte, ulong>(reader.Bytes).ToArray();
                    break;
                case MetadataTag.Identity:
                    record.Identity = reader.Bytes.ToArray();
                    break;
                case MetadataTag.SavedFeatures:
                    record.Features = reader.Bytes.ToArray();
                    break;
                case MetadataTag.Reservations:
                    record.Reservations = reader.Bytes.ToArray();
                    break;
                case MetadataTag.Compression:
                    record.Transforms = record.Transforms with { Compression = CompressionOf(reader) };
                    break;
                case MetadataTag.IsEncrypted:
                    record.Transforms = record.Transforms with { IsEncrypted = reader.Number != 0 };
                    break;
                case MetadataTag.CorrectedBits:
                    record.Transforms = record.Transforms with { CorrectedBits = CorrectedBitsOf(reader) };
                    break;
                case MetadataTag.KeyIdentifier:
                    record.KeyIdentifier = reader.Identifier;
                    break;
                default:
                    throw reader.Unknown();
            }
        }

        return record;
    }

    /// <summary>Segments in a row are kept as the first of them and their number.</summary>
    public static uint[] Condensed(ReadOnlySpan<uint> segments)
    {
        var runs = new List<uint>();
        for (int i = 0; i < segments.Length; i++)
        {
            if (i > 0 && segments[i] == segments[i - 1] + 1)
                runs[^1]++;
            else
                runs.AddRange([segments[i], 1]);
        }

        return [.. runs];
    }

    private static CompressionKind CompressionOf(MetadataReader reader) =>
        reader.Number <= byte.MaxValue && Enum.IsDefined((CompressionKind)reader.Number)
            ? (CompressionKind)reader.Number
            : throw MetadataReader.Damaged($"compression {reader.Number} does not exist");

    private static int CorrectedBitsOf(MetadataReader reader) =>
        reader.Number <= PageTransforms.MostCorrectedBits
            ? (int)reader.Number
            : throw MetadataReader.Damaged($"a code that corrects {reader.Number} bits does not exist");

    private static uint[] Expanded(ReadOnlySpan<uint> runs)
    {
        const int mostSegments = 1 << 22;
        var segments = new List<uint>();
        for (int i = 0; i + 1 < runs.Length; i += 2)
        {
            if (runs[i + 1] > mostSegments - segments.Count || runs[i] > mostSegments)
                throw MetadataReader.Damaged("a namespace has more segments than any drive");
            for (uint segment = 0; segment < runs[i + 1]; segment++)
                segments.Add(runs[i] + segment);
        }

        return [.. segments];
    }
}

/// <summary>Writing a namespace, and making it what it was.</summary>
public sealed partial class Namespace
{
    private const int IdentityBytes = 40;

    internal void WriteTo(ref MetadataWriter writer)
    {
        int begun = writer.Begin(MetadataTag.Namespace);
        writer.Number(MetadataTag.Nsid, Nsid);
        writer.Number(MetadataTag.BlockCount, BlockCount);
        writer.Number(MetadataTag.Format, (ulong)Format);
        writer.Number(MetadataTag.IsShared, IsShared ? 1u : 0);
        writer.Number(MetadataTag.IsConfigured, ConfiguredHosts != null ? 1u : 0);
        writer.Bytes(MetadataTag.Segments, MemoryMarshal.AsBytes(_map.Runs));
        ushort[] attachments = [.. AttachedControllers];
        writer.Bytes(MetadataTag.Attachments, MemoryMarshal.AsBytes(attachments.AsSpan()));
        WriteUncorrectable(ref writer);
        if (!Identity.Equals(_ownIdentity))
            writer.Bytes(MetadataTag.Identity, [.. Identity.Nguid, .. Identity.Uuid, .. Identity.Eui64]);
        Features.WriteTo(ref writer);
        Reservations.WriteTo(ref writer);
        WriteTransforms(ref writer);
        writer.End(begun);
    }

    internal void Restore(NamespaceRecord record)
    {
        foreach (ushort controller in record.Attachments)
            Attach(controller);
        for (int i = 0; i + 1 < record.Uncorrectable.Length; i += 2)
        {
            if (!Contains(record.Uncorrectable[i], record.Uncorrectable[i + 1]))
                throw MetadataReader.Damaged($"namespace {Nsid} has marks beyond its end");
            _uncorrectable.Set((long)record.Uncorrectable[i], (long)record.Uncorrectable[i + 1]);
        }

        if (record.Identity.Length == IdentityBytes)
            Identity = new NamespaceIdentity(record.Identity.AsSpan(0, 16), record.Identity.AsSpan(16, 16), record.Identity.AsSpan(32));
        else if (record.Identity.Length != 0)
            throw MetadataReader.Damaged($"namespace {Nsid} has {record.Identity.Length} bytes of identifiers");
        Features.ReadFrom(record.Features);
        Reservations.ReadFrom(new MetadataReader(record.Reservations));
    }

    /// <summary>How many runs of blocks are marked, counted up to <paramref name="most"/>.</summary>
    internal int UncorrectableRuns(int most)
    {
        int runs = 0;
        for (long at = 0; runs < most && _uncorrectable.TryNextRun(at, out long first, out long count); at = first + count)
            runs++;
        return runs;
    }

    private void WriteTransforms(ref MetadataWriter writer)
    {
        writer.Number(MetadataTag.Compression, (ulong)Transforms.Compression);
        writer.Number(MetadataTag.IsEncrypted, Transforms.IsEncrypted ? 1u : 0);
        writer.Number(MetadataTag.CorrectedBits, (ulong)Transforms.CorrectedBits);
        if (KeyIdentifier != 0)
            writer.Identifier(MetadataTag.KeyIdentifier, KeyIdentifier);
    }

    private void WriteUncorrectable(ref MetadataWriter writer)
    {
        if (_uncorrectable.Count == 0)
            return;
        var runs = new List<ulong>();
        for (long at = 0; _uncorrectable.TryNextRun(at, out long first, out long count); at = first + count)
            runs.AddRange([(ulong)first, (ulong)count]);
        writer.Bytes(MetadataTag.Uncorrectable, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(runs)));
    }
}
