using System.Text;
using System.Text.Json.Nodes;
using Emulator.Host.Serving;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Attributes of a storage state in words. One that is not known, or has another length, is told as bytes.</summary>
internal static class StateAttributeText
{
    private const int MostRunsInText = 4;
    private const int MostBytesInText = 24;

    public static string NameOf(StateAttributeId id)
    {
        string? name = id.Section switch
        {
            StateSectionType.Transport => Enum.GetName((TransportAttribute)id.Type),
            StateSectionType.Interface => Enum.GetName((InterfaceAttribute)id.Type),
            StateSectionType.IoActivity => Enum.GetName((ActivityAttribute)id.Type),
            _ => Enum.GetName((TranslationAttribute)id.Type),
        };
        return name ?? $"{id.Type}";
    }

    public static string KeyOf(StateAttributeId id)
    {
        bool isSet = id.Section is StateSectionType.Translation || id == new StateAttributeId(ActivityAttribute.Written, id.Key);
        if (isSet && id.Key != 0)
            return $"namespace {id.Nsid} part {id.Part}";
        if (id.Section == StateSectionType.Transport && id.Type == (ushort)TransportAttribute.Queue)
            return $"queue {id.Key}";
        if (id.Section != StateSectionType.Interface)
            return OtherKey(id);
        return (InterfaceAttribute)id.Type switch
        {
            InterfaceAttribute.Feature or InterfaceAttribute.FeatureData => FeatureText(id),
            InterfaceAttribute.Namespace or InterfaceAttribute.Reservation or InterfaceAttribute.Streams => $"namespace {id.Key}",
            _ => OtherKey(id),
        };
    }

    public static DecodedValue Describe(StateAttributeId id, ReadOnlySpan<byte> value) => id.Section switch
    {
        StateSectionType.Transport => DescribeTransport((TransportAttribute)id.Type, value),
        StateSectionType.Interface => StateInterfaceText.Describe((InterfaceAttribute)id.Type, value),
        StateSectionType.IoActivity => DescribeActivity((ActivityAttribute)id.Type, id.Part, value),
        _ => DescribeTranslation((TranslationAttribute)id.Type, id.Part, value),
    };

    /// <summary>An object of JSON, and the same as text.</summary>
    internal static DecodedValue Object(params (string Name, object Value)[] fields)
    {
        var json = new JsonObject();
        var text = new StringBuilder();
        foreach ((string name, object value) in fields)
        {
            json[name] = value switch
            {
                JsonNode node => node,
                bool truth => JsonValue.Create(truth),
                string words => JsonValue.Create(words),
                ulong number => JsonValue.Create(number),
                _ => JsonValue.Create(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
            };
            string shown = value is JsonNode array ? array.ToJsonString() : PageTables.TextOf(value);
            text.Append(text.Length > 0 ? "\n" : "").Append(PageTables.Words(name)).Append(' ').Append(shown);
        }

        return new DecodedValue(text.ToString(), json);
    }

    internal static DecodedValue Bytes(ReadOnlySpan<byte> value)
    {
        string hex = Convert.ToHexStringLower(value);
        string text = value.Length <= MostBytesInText ? hex : $"{hex[..(2 * MostBytesInText)]}... ({value.Length} bytes)";
        return new DecodedValue(text, JsonValue.Create(hex));
    }

    private static string OtherKey(StateAttributeId id) => id.Key == 0 ? "" : $"{id.Key}";

    private static string FeatureText(StateAttributeId id)
    {
        var feature = (FeatureId)(byte)id.Part;
        string name = Enum.IsDefined(feature) ? $"{(byte)feature:X2}h {feature}" : $"{(byte)feature:X2}h";
        string part = id.Part > byte.MaxValue ? $" part {id.Part >> 8}" : "";
        return id.Nsid == 0 ? name + part : $"{name}{part}, namespace {id.Nsid}";
    }

    private static DecodedValue DescribeTransport(TransportAttribute type, ReadOnlySpan<byte> value)
    {
        if (type == TransportAttribute.Limits && value.Length == TransportLimits.Size)
        {
            TransportLimits limits = WireStruct.Read<TransportLimits>(value);
            return Object(
                ("keepAliveMilliseconds", limits.KeepAliveMilliseconds.Value),
                ("grantedIoQueues", limits.GrantedIoQueues.Value),
                ("maxIoQueues", limits.MaxIoQueues.Value),
                ("maxQueueEntries", limits.MaxQueueEntries.Value),
                ("inCapsuleBytes", limits.InCapsuleBytes.Value),
                ("maxTransferBytes", limits.MaxTransferBytes.Value));
        }

        if (type != TransportAttribute.Queue || value.Length != TransportQueueState.Size)
            return Bytes(value);
        TransportQueueState queue = WireStruct.Read<TransportQueueState>(value);
        return Object(
            ("entries", queue.Entries.Value),
            ("transport", TextOf(queue.TransportType)),
            ("headerDigest", (queue.Flags & TransportQueueState.HeaderDigest) != 0),
            ("dataDigest", (queue.Flags & TransportQueueState.DataDigest) != 0),
            ("flowControl", (queue.Flags & TransportQueueState.FlowControl) != 0),
            ("hostAlignment", 4 * (queue.HostAlignment + 1)),
            ("controllerAlignment", 4 * (queue.ControllerAlignment + 1)),
            ("maxHostData", queue.MaxHostData.Value));
    }

    private static string TextOf(byte transport) => (TransportType)transport switch
    {
        TransportType.Tcp => "tcp",
        TransportType.Rdma => "rdma",
        TransportType.Pcie => "pcie",
        _ => $"{transport}",
    };

    private static DecodedValue DescribeActivity(ActivityAttribute type, uint part, ReadOnlySpan<byte> value)
    {
        if (type == ActivityAttribute.Written)
            return Set(part, value);
        if (type != ActivityAttribute.Activity || value.Length != ActivityState.Size)
            return Bytes(value);
        ActivityState activity = WireStruct.Read<ActivityState>(value);
        return Object(
            ("granuleBytes", activity.Granule.Value),
            ("thresholdGranules", activity.Threshold.Value),
            ("thresholdExceeded", (activity.Flags & ActivityState.ThresholdExceeded) != 0),
            ("granulesWritten", activity.GranulesWritten.Value),
            ("readCommands", activity.ReadCommands.Value),
            ("writeCommands", activity.WriteCommands.Value),
            ("bytesRead", activity.BytesRead.Value),
            ("bytesWritten", activity.BytesWritten.Value));
    }

    private static DecodedValue DescribeTranslation(TranslationAttribute type, uint part, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case TranslationAttribute.Allocated or TranslationAttribute.Cached or TranslationAttribute.Marked:
                return Set(part, value);
            case TranslationAttribute.CacheSettings when value.Length == CacheSettingsState.Size:
                CacheSettingsState cache = WireStruct.Read<CacheSettingsState>(value);
                return Object(
                    ("cache", DriveText.Rounded(cache.CacheBytes)),
                    ("mode", $"{(Cache.CacheMode)cache.Mode}"),
                    ("policy", $"{(Cache.ReplacementPolicyKind)cache.Policy}"),
                    ("volatile", (cache.Flags & 1) != 0),
                    ("readsAhead", (cache.Flags & 2) != 0),
                    ("separatesHotAndCold", (cache.Flags & 4) != 0),
                    ("maxStreams", cache.MaxStreams.Value));
            case TranslationAttribute.Placement when value.Length % PlacementRun.Size == 0:
                return Placement(value);
            default:
                return Bytes(value);
        }
    }

    private static DecodedValue Placement(ReadOnlySpan<byte> value)
    {
        var json = new JsonArray();
        foreach (PlacementRun run in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, PlacementRun>(value))
        {
            string stream = run.Stream == PlacementRun.Cold ? "cold" : $"{run.Stream}";
            json.Add(new JsonObject { ["first"] = run.First.Value, ["count"] = run.Count.Value, ["stream"] = stream });
        }

        return new DecodedValue($"{json.Count} runs of pages by stream", json);
    }

    private static DecodedValue Set(uint part, ReadOnlySpan<byte> value)
    {
        if (StateSetReader.Problem(value, part, ulong.MaxValue) != null)
            return Bytes(value);
        var json = new JsonArray();
        var text = new StringBuilder();
        for (var reader = new StateSetReader(value, part); reader.TryNext(out ulong first, out ulong count);)
        {
            if (json.Count < MostRunsInText)
                text.Append(json.Count > 0 ? ", " : "").Append(first).Append('+').Append(count);
            json.Add(new JsonObject { ["first"] = first, ["count"] = count });
        }

        string more = json.Count > MostRunsInText ? ", ..." : "";
        uint units = WireStruct.Read<StateSetHeader>(value[..StateSetHeader.Size]).Units;
        return new DecodedValue($"{units} in {json.Count} runs: {text}{more}", json);
    }
}
