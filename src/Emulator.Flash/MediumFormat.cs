using System.Runtime.InteropServices;
using System.Text;
using Emulator.Core;

namespace Emulator.Flash;

/// <summary>
/// The format header, the first page of the system area: what the medium is, whose, and what it was made for
/// (specs/media-format.md, "Format header"). It is written last when a medium is made and never again.
/// </summary>
public sealed record MediumFormat
{
    /// <summary>Bytes that the header takes in the system area.</summary>
    public const int Bytes = 4096;

    /// <summary>Media of version 1 have no room for snapshots, and are written as they always were.</summary>
    public const int FirstVersion = 1;

    public const int Version = 2;

    private const int NameBytes = 224;
    private const int SerialBytes = 24;

    private static ReadOnlySpan<byte> Magic => "EMUMEDIA"u8;

    public required Guid Id { get; init; }

    public required FlashGeometry Geometry { get; init; }

    /// <summary>Pages that the translation layer offers; the capacity of the drive in pages.</summary>
    public required long LogicalPages { get; init; }

    /// <summary>The most that metadata of the device may take, in bytes.</summary>
    public required int MetadataBytes { get; init; }

    /// <summary>Size of one half of the journal.</summary>
    public required long JournalBytes { get; init; }

    /// <summary>Subsystem NQN of the drive that made it, from which the identifiers of its namespaces derive.</summary>
    public string SubsystemNqn { get; init; } = "";

    /// <summary>Serial number of the drive that made it.</summary>
    public string SerialNumber { get; init; } = "";

    public int OverProvisioningPercent { get; init; }

    /// <summary>
    /// Pages that each checkpoint slot has for what snapshots keep; 0 for a medium of version 1, on which there are none.
    /// </summary>
    public int SnapshotChunks { get; init; }

    public long CapacityBytes => LogicalPages * FlashGeometry.PageBytes;

    /// <summary>Whether there is nothing, not even a foreign header.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> header) => !header[..Bytes].ContainsAnyExcept((byte)0);

    /// <summary>Whether it begins as a medium does.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> header) => header.StartsWith(Magic);

    public void WriteTo(Span<byte> page)
    {
        Check.That(BitConverter.IsLittleEndian && Geometry.Problem() == null);
        page[..Bytes].Clear();
        var fields = new Fields
        {
            Version = SnapshotChunks == 0 ? FirstVersion : (uint)Version,
            Size = Bytes,
            PageBytes = FlashGeometry.PageBytes,
            Channels = (uint)Geometry.Channels,
            DiesPerChannel = (uint)Geometry.DiesPerChannel,
            PlanesPerDie = (uint)Geometry.PlanesPerDie,
            PagesPerBlock = (uint)Geometry.PagesPerBlock,
            BlocksPerPlane = (uint)Geometry.BlocksPerPlane,
            MapPagesPerFlashPage = (uint)Geometry.MapPagesPerFlashPage,
            MultiPlane = Geometry.IsMultiPlane ? 1u : 0,
            OverProvisioningPercent = (uint)OverProvisioningPercent,
            ParityBytes = (uint)Geometry.ParityBytes,
            LogicalPages = (ulong)LogicalPages,
            JournalBytes = (ulong)JournalBytes,
            MetadataBytes = (uint)MetadataBytes,
            SnapshotChunks = (uint)SnapshotChunks,
        };
        MemoryMarshal.Write(page, in fields);
        Magic.CopyTo(page);
        Check.That(Id.TryWriteBytes(page.Slice(Fields.IdOffset, 16), bigEndian: true, out _));
        WriteText(page.Slice(Fields.TextOffset, NameBytes), SubsystemNqn);
        WriteText(page.Slice(Fields.TextOffset + NameBytes, SerialBytes), SerialNumber);
        MemoryMarshal.Write(page[Fields.ChecksumOffset..], Crc32C.Compute(page[..Fields.ChecksumOffset]));
    }

    /// <summary>Reads a header and believes nothing of it.</summary>
    /// <param name="name">What to call the medium in a message.</param>
    /// <exception cref="MediumException">It is no header, a damaged one, or one of another version.</exception>
    public static MediumFormat ReadFrom(ReadOnlySpan<byte> page, string name)
    {
        if (!HasMagic(page))
            throw new MediumException($"{name} is not a medium of the emulator; name another file, or have it formatted anew");
        Fields fields = MemoryMarshal.Read<Fields>(page);
        if (fields.Version is < FirstVersion or > Version)
        {
            throw new MediumException(
                $"{name} has format version {fields.Version}, this is an emulator for versions {FirstVersion} and {Version}; use the one that made it");
        }

        uint checksum = MemoryMarshal.Read<uint>(page[Fields.ChecksumOffset..]);
        if (fields.Size != Bytes || checksum != Crc32C.Compute(page[..Fields.ChecksumOffset]))
            throw Damaged(name, "the checksum of its format header is wrong");
        if (fields.PageBytes != FlashGeometry.PageBytes || fields.MultiPlane > 1
            || page[Fields.End..Fields.IdOffset].ContainsAnyExcept((byte)0) || (fields.Version == FirstVersion && fields.SnapshotChunks != 0)
            || page[(Fields.TextOffset + NameBytes + SerialBytes)..Fields.ChecksumOffset].ContainsAnyExcept((byte)0))
            throw new MediumException($"{name} uses features that this version does not know; use the emulator that made it");

        var format = From(fields, page);
        if (format.Geometry.Problem() is { } problem)
            throw Damaged(name, "impossible geometry: " + problem);
        if (format.LogicalPages <= 0 || format.LogicalPages > format.Geometry.PageCount || format.JournalBytes <= 0)
            throw Damaged(name, $"{format.LogicalPages} logical pages do not fit it");
        if (format.SnapshotChunks > format.LogicalPages)
            throw Damaged(name, $"room for {format.SnapshotChunks} pages of snapshots does not fit it");
        return format;
    }

    /// <summary>How every message about damage ends.</summary>
    public static MediumException Damaged(string name, string what) => new(
        $"{name} is damaged: {what}; restore a copy, or give up its contents and have it formatted anew")
    {
        IsDamage = true,
    };

    private static MediumFormat From(in Fields fields, ReadOnlySpan<byte> page) => new()
    {
        Id = new Guid(page.Slice(Fields.IdOffset, 16), bigEndian: true),
        Geometry = new FlashGeometry
        {
            Channels = Saturated(fields.Channels),
            DiesPerChannel = Saturated(fields.DiesPerChannel),
            PlanesPerDie = Saturated(fields.PlanesPerDie),
            PagesPerBlock = Saturated(fields.PagesPerBlock),
            BlocksPerPlane = Saturated(fields.BlocksPerPlane),
            MapPagesPerFlashPage = Saturated(fields.MapPagesPerFlashPage),
            IsMultiPlane = fields.MultiPlane != 0,
            ParityBytes = Saturated(fields.ParityBytes),
        },
        OverProvisioningPercent = Saturated(fields.OverProvisioningPercent),
        LogicalPages = (long)Math.Min(fields.LogicalPages, long.MaxValue),
        JournalBytes = (long)Math.Min(fields.JournalBytes, long.MaxValue),
        MetadataBytes = Saturated(fields.MetadataBytes),
        SnapshotChunks = Saturated(fields.SnapshotChunks),
        SubsystemNqn = ReadText(page.Slice(Fields.TextOffset, NameBytes)),
        SerialNumber = ReadText(page.Slice(Fields.TextOffset + NameBytes, SerialBytes)),
    };

    private static int Saturated(uint value) => (int)Math.Min(value, int.MaxValue);

    private static void WriteText(Span<byte> field, string text) =>
        Check.That(Encoding.UTF8.TryGetBytes(text, field[..^1], out _));

    private static string ReadText(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field[..Math.Max(0, field.IndexOf((byte)0))]);

    /// <summary>The fixed fields, little-endian; what follows them up to the checksum is reserved and zero.</summary>
    [StructLayout(LayoutKind.Explicit, Size = End)]
    private struct Fields
    {
        public const int End = 80;
        public const int IdOffset = 96;
        public const int TextOffset = 112;
        public const int ChecksumOffset = Bytes - sizeof(uint);

        [FieldOffset(8)] public uint Version;
        [FieldOffset(12)] public uint Size;
        [FieldOffset(16)] public uint PageBytes;
        [FieldOffset(20)] public uint Channels;
        [FieldOffset(24)] public uint DiesPerChannel;
        [FieldOffset(28)] public uint PlanesPerDie;
        [FieldOffset(32)] public uint PagesPerBlock;
        [FieldOffset(36)] public uint BlocksPerPlane;
        [FieldOffset(40)] public uint MapPagesPerFlashPage;
        [FieldOffset(44)] public uint MultiPlane;
        [FieldOffset(48)] public uint OverProvisioningPercent;
        [FieldOffset(52)] public uint MetadataBytes;
        [FieldOffset(56)] public ulong LogicalPages;
        [FieldOffset(64)] public ulong JournalBytes;
        [FieldOffset(72)] public uint ParityBytes;
        [FieldOffset(76)] public uint SnapshotChunks;
    }
}
