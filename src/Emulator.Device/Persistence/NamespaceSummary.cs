using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>A namespace on a medium.</summary>
/// <param name="UncorrectableBlocks">Blocks that are marked so that reads of them fail.</param>
/// <param name="Controllers">Identifiers of the controllers that it is attached to.</param>
public sealed record NamespaceSummary(
    uint Nsid, ulong Blocks, int BlockBytes, int Segments, ulong UncorrectableBlocks, IReadOnlyList<ushort> Controllers)
{
    /// <summary>What the last drive did to the pages that the namespace wrote.</summary>
    public required PageTransforms Transforms { get; init; }

    /// <summary>
    /// Names the key of the pages that are encrypted, in hexadecimal digits; null if none ever was. The key does not follow
    /// from it.
    /// </summary>
    public required string? KeyIdentifier { get; init; }

    internal static NamespaceSummary Of(NamespaceRecord record)
    {
        ulong uncorrectable = 0;
        for (int i = 1; i < record.Uncorrectable.Length; i += 2)
            uncorrectable += record.Uncorrectable[i];
        int blockBytes = record.Format < LbaFormats.Count ? 1 << LbaFormats.BlockShift((LbaFormatIndex)record.Format) : 0;
        return new NamespaceSummary(
            record.Nsid, record.BlockCount, blockBytes, record.Segments.Length, uncorrectable, record.Attachments)
        {
            Transforms = record.Transforms,
            KeyIdentifier = record.KeyIdentifier == 0 ? null : NamespaceTable.Describe(record.KeyIdentifier),
        };
    }
}
