namespace Emulator.GuestTests.Decoding;

/// <summary>An entry of a range list: logical blocks of a namespace, which may read as zero by now.</summary>
internal readonly record struct BlockRange(
    ulong FirstBlock,
    ulong Blocks,
    uint Namespace = 1,
    bool ReadsAsZero = false);
