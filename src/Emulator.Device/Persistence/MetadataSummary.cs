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
