using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Emulator.Cache;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Ftl;
using Emulator.Ftl.Superblocks;
using Emulator.Simulation.Workloads;
using Emulator.Wire;
using Serilog.Events;

namespace Emulator.Host.Configuration;

/// <summary>Reads a setting that is one word of text, with the parser that the command line uses for it too.</summary>
public class TextConverter<T>(Func<string, T> parse) : JsonConverter<T>
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new FormatException("must be a text in quotes");
        return parse(reader.GetString()!);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Settings are only read.");
}

/// <summary>A size is a text with a unit, or a plain number of bytes.</summary>
public sealed class ByteSizeConverter() : TextConverter<ByteSize>(ByteSize.Parse)
{
    public override ByteSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number)
            return base.Read(ref reader, typeToConvert, options);
        return reader.TryGetInt64(out long bytes) && bytes >= 0
            ? new ByteSize(bytes)
            : throw new FormatException("must be a whole number of bytes or a text such as \"1GiB\"");
    }
}

/// <summary>The converters of the configuration file.</summary>
public static class SettingConverters
{
    public static IReadOnlyList<JsonConverter> All { get; } =
    [
        new ByteSizeConverter(),
        new TextConverter<CompressionKind>(CompressionText.Parse),
        new TextConverter<CacheMode>(CacheSettings.ParseMode),
        new TextConverter<ControllerIdRange>(ControllerIdRange.Parse),
        new TextConverter<IPAddress>(EndpointText.ParseAddress),
        new TextConverter<ListenerTransport>(ListenerTransportText.Parse),
        new TextConverter<LogEventLevel>(LogLevelText.Parse),
        new TextConverter<ReplacementPolicyKind>(CacheSettings.ParsePolicy),
        new TextConverter<Precondition>(WorkloadSettings.ParsePrecondition),
        new TextConverter<Arrivals>(WorkloadSettings.ParseArrivals),
        new TextConverter<DeviceProfile>(ProfileText.Parse),
        new TextConverter<FaultKind>(FaultKindText.Parse),
        new TextConverter<DriveTiming>(DriveTimingText.Parse),
        new TextConverter<MappingCacheUnit>(FtlSettings.ParseUnit),
        new TextConverter<VictimPolicy>(VictimPolicyText.Parse),
    ];
}
