using System.Text.Json.Nodes;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log pages D1h and D2h, and data of feature D1h: a state container.</summary>
internal static class StatePage
{
    public static DecodedPage Decode(ReadOnlyMemory<byte> bytes)
    {
        if (StateContainer.Read(bytes, out string problem) is not { } container)
            throw new UserErrorException($"this is no whole state container: {problem}");
        StateContainerHeader header = container.Header;
        var page = new DecodedPage(container.IsDelta ? "VM Dirty State" : "VM Storage State");
        page.Add("version", header.Version.Value);
        page.Add("target", header.Target.Value, StatusPage.TargetText(header.Target));
        page.Add("bytes", header.TotalBytes.Value);
        page.Add("generation", header.Generation.Value, GenerationText(header.Generation));
        page.Add("isDelta", container.IsDelta);
        if (container.IsDelta)
            page.Add("against", header.BaseGeneration.Value, GenerationText(header.BaseGeneration));
        page.Add("device", new Guid(header.DeviceUuid, bigEndian: true).ToString());
        page.Add("sections", container.Sections.ToString());
        DecodedTable table = page.AddTable("attributes", "section", "attribute", "key", "value");
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in container.Attributes)
            table.Add(id.Section.ToString(), StateAttributeText.NameOf(id), StateAttributeText.KeyOf(id), StateAttributeText.Describe(id, value.Span));
        foreach (StateAttributeId id in container.Removed)
            table.Add(id.Section.ToString(), StateAttributeText.NameOf(id), StateAttributeText.KeyOf(id), new DecodedValue("removed", JsonValue.Create("removed")));
        return page;
    }

    private static string GenerationText(ulong generation) =>
        $"{(uint)generation} of power cycle {generation >> 32}";
}
