using System.Globalization;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Which page some bytes are, and who decodes it.</summary>
internal static class PageDecoders
{
    private static readonly Dictionary<LogPageId, Func<ReadOnlyMemory<byte>, DecodedPage>> Decoders = new()
    {
        [LogPageId.VmMigrationStatus] = StatusPage.Decode,
        [LogPageId.VmStorageState] = StatePage.Decode,
        [LogPageId.VmDirtyState] = StatePage.Decode,
        [LogPageId.VmDirtyRanges] = RangeListPage.Decode,
        [LogPageId.VmWrittenRanges] = RangeListPage.Decode,
        [LogPageId.RangeChecksums] = ChecksumPage.Decode,
        [LogPageId.Snapshots] = SnapshotListPage.Decode,
        [LogPageId.SnapshotDelta] = RangeListPage.Decode,
        [LogPageId.DirectTransferProgress] = TransferPage.Decode,
    };

    /// <summary>Log page identifiers that can be asked for, as text.</summary>
    public static string Known => string.Join(", ", Decoders.Keys.Order().Select(page => $"{(byte)page:X2}"));

    /// <summary>A log page identifier as people write it: D3, d3h, 0xd3.</summary>
    /// <exception cref="UserErrorException">There is no such page of the vendor command set.</exception>
    public static LogPageId ParseLog(string text)
    {
        string digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text.TrimEnd('h', 'H');
        return byte.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte page)
            && Decoders.ContainsKey((LogPageId)page)
                ? (LogPageId)page
                : throw new UserErrorException($"'{text}' is no log page that can be decoded; there are {Known}");
    }

    /// <exception cref="UserErrorException">The bytes are not that page, or none that is known.</exception>
    public static DecodedPage Decode(ReadOnlyMemory<byte> bytes, LogPageId? page)
    {
        if (bytes.IsEmpty)
            throw new UserErrorException("there is nothing to decode");
        if (LooksLikeText(bytes.Span))
            throw new UserErrorException("this is text; nvme get-log prints the bytes of a page with -b");
        return Decoders[page ?? Recognize(bytes.Span)](bytes);
    }

    private static LogPageId Recognize(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExcept((byte)0))
            throw new UserErrorException($"these are {bytes.Length} zeroes");
        if (bytes.Length >= sizeof(uint) && WireStruct.Read<U32Le>(bytes[..sizeof(uint)]) == StateContainerHeader.MagicValue)
            return LogPageId.VmStorageState;
        if (bytes.Length >= RangeListHeader.Size)
        {
            RangeListHeader header = WireStruct.Read<RangeListHeader>(bytes[..RangeListHeader.Size]);
            if (header.Version == 1 && header.EntrySize == RangeListEntry.Size && !((ReadOnlySpan<byte>)header.Reserved48).ContainsAnyExcept((byte)0))
                return RangeListPage.HasRanges(bytes) ? LogPageId.VmDirtyRanges : LogPageId.RangeChecksums;
            if (SnapshotListPage.IsOne(bytes))
                return LogPageId.Snapshots;
            if (header.Version == 1 && TransferPage.IsOne(bytes))
                return LogPageId.DirectTransferProgress;
            if (header.Version == 1 && StatusPage.IsOne(bytes))
                return LogPageId.VmMigrationStatus;
        }

        throw new UserErrorException($"{bytes.Length} bytes that are no page of the vendor command set; say which with --log ({Known})");
    }

    private static bool LooksLikeText(ReadOnlySpan<byte> bytes) =>
        !bytes.StartsWith("VMSS"u8) && !bytes[..Math.Min(bytes.Length, 256)].ContainsAnyExceptInRange((byte)'\t', (byte)'~');
}
