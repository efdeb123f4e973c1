using System.Buffers.Binary;

namespace Emulator.GuestTests.Decoding;

/// <summary>The first 64 bytes of log page D0h, decoded by the vendor commands' specification alone.</summary>
internal sealed record MigrationStatus
{
    public required uint Flags { get; init; }
    public required uint Phase { get; init; }
    public required uint ThresholdGranules { get; init; }
    public required ulong WrittenGranules { get; init; }
    public required ulong DirtyGranules { get; init; }
    public required ulong Round { get; init; }

    public bool Active => (Flags & 0x01) != 0;
    public bool ThresholdExceeded => (Flags & 0x10) != 0;

    public static MigrationStatus Decode(ReadOnlySpan<byte> page)
    {
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(page));
        return new MigrationStatus
        {
            Flags = BinaryPrimitives.ReadUInt32LittleEndian(page[4..]),
            Phase = BinaryPrimitives.ReadUInt32LittleEndian(page[8..]),
            ThresholdGranules = BinaryPrimitives.ReadUInt32LittleEndian(page[12..]),
            WrittenGranules = BinaryPrimitives.ReadUInt64LittleEndian(page[16..]),
            DirtyGranules = BinaryPrimitives.ReadUInt64LittleEndian(page[24..]),
            Round = BinaryPrimitives.ReadUInt64LittleEndian(page[32..]),
        };
    }
}
