using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// A firmware image (specs/firmware-image.md): a header of 64 bytes, and after it what no emulated processor runs.
/// </summary>
/// <param name="Revision">What FR shows once the image runs.</param>
/// <param name="NeedsReset">The image cannot be activated without a controller level reset.</param>
internal sealed record FirmwareImage(string Revision, bool NeedsReset)
{
    public const int HeaderBytes = 64;

    private const int VersionOffset = 8;
    private const int LengthOffset = 12;
    private const int RevisionOffset = 16;
    private const int FlagsOffset = 24;
    private const int ReservedOffset = 28;
    private const int ChecksumOffset = 60;
    private const uint Version1 = 1;
    private const uint NeedsResetFlag = 1;

    private static ReadOnlySpan<byte> Magic => "EMUFWIMG"u8;

    /// <summary>Null if the bytes are no image: magic, version, length, revision, flags or checksum are wrong.</summary>
    public static FirmwareImage? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !bytes[..Magic.Length].SequenceEqual(Magic))
            return null;

        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FlagsOffset..]);
        string revision = TextField.ReadPadded(bytes.Slice(RevisionOffset, Bytes8.Size));
        bool isValid = BinaryPrimitives.ReadUInt32LittleEndian(bytes[VersionOffset..]) == Version1
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[LengthOffset..]) == (uint)bytes.Length
            && (flags & ~NeedsResetFlag) == 0
            && !bytes[ReservedOffset..ChecksumOffset].ContainsAnyExcept((byte)0)
            && revision.Length > 0
            && revision.All(c => c is > ' ' and <= '~')
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]) == ChecksumOf(bytes);
        return isValid ? new FirmwareImage(revision, (flags & NeedsResetFlag) != 0) : null;
    }

    /// <summary>CRC-32C of the image with the checksum itself as zero.</summary>
    private static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        uint state = Crc32C.Append(Crc32C.Initial, bytes[..ChecksumOffset]);
        state = Crc32C.Append(state, stackalloc byte[HeaderBytes - ChecksumOffset]);
        return Crc32C.Finish(Crc32C.Append(state, bytes[HeaderBytes..]));
    }
}
