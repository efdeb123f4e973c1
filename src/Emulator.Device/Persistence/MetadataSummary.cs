using Emulator.Flash;

namespace Emulator.Device;

/// <summary>What the metadata of a drive says, for those who look at a medium without a drive.</summary>
public sealed record MetadataSummary
{
    public string SubsystemNqn { get; private set; } = "";

    public IReadOnlyList<NamespaceSummary> Namespaces { get; private set; } = [];

    /// <summary>Host NQNs by controller identifiers.</summary>
    public IReadOnlyDictionary<int, string> Controllers { get; private set; } = new Dictionary<int, string>();

    public DriveHealth Health { get; } = new();

    /// <param name="metadata">All of it; empty for a medium that no drive was built on yet.</param>
    /// <exception cref="MediumException">It is damaged.</exception>
    public static MetadataSummary Read(ReadOnlySpan<byte> metadata)
    {
        var summary = new MetadataSummary();
        var namespaces = new List<NamespaceSummary>();
        var controllers = new SortedDictionary<int, string>();
        var reader = new MetadataReader(metadata);
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.SubsystemNqn:
                    summary.SubsystemNqn = reader.Text;
                    break;
                case MetadataTag.Namespace:
                    namespaces.Add(NamespaceSummary.Of(NamespaceRecord.ReadFrom(reader.Fields)));
                    break;
                case MetadataTag.Health:
                    summary.Health.ReadFrom(reader.Bytes);
                    break;
                case MetadataTag.Controller:
                    (int id, string host) = ReadController(reader.Fields);
                    controllers[id] = host;
                    break;
            }
        }

        summary.Namespaces = namespaces;
        summary.Controllers = controllers;
        return summary;
    }

    private static (int Id, string Host) ReadController(MetadataReader reader)
    {
        int id = 0;
        string host = "";
        while (reader.Next())
        {
            id = reader.Tag == MetadataTag.ControllerId ? reader.Count : id;
            host = reader.Tag == MetadataTag.HostNqn ? reader.Text : host;
        }

        return (id, host);
    }
}

/// <summary>A namespace on a medium.</summary>
/// <param name="UncorrectableBlocks">Blocks that are marked so that reads of them fail.</param>
/// <param name="Controllers">Identifiers of the controllers that it is attached to.</param>
public sealed record NamespaceSummary(
    uint Nsid, ulong Blocks, int BlockBytes, int Segments, ulong UncorrectableBlocks, IReadOnlyList<ushort> Controllers)
{
    internal static NamespaceSummary Of(NamespaceRecord record)
    {
        ulong uncorrectable = 0;
        for (int i = 1; i < record.Uncorrectable.Length; i += 2)
            uncorrectable += record.Uncorrectable[i];
        int blockBytes = record.Format < LbaFormats.Count ? 1 << LbaFormats.BlockShift((LbaFormatIndex)record.Format) : 0;
        return new NamespaceSummary(
            record.Nsid, record.BlockCount, blockBytes, record.Segments.Length, uncorrectable, record.Attachments);
    }
}
