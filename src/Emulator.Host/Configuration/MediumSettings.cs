using System.Text.Json;
using System.Text.Json.Serialization;
using Emulator.Media;

namespace Emulator.Host.Configuration;

/// <summary>The file in which a drive survives its process: a path, or an object with more to say.</summary>
[JsonConverter(typeof(MediumSettingsConverter))]
public sealed record MediumSettings
{
    public required string Path { get; init; }

    /// <summary>Whether what was flushed outlives the machine, not only the process.</summary>
    public bool Sync { get; init; } = true;

    /// <summary>Make the medium anew, whatever is in the file; only the command line says so.</summary>
    public bool Format { get; init; }

    public MediumAccess Access => Sync ? MediumAccess.Durable : MediumAccess.Unsynchronised;
}

/// <summary>Reads a path, or an object with the keys path and sync.</summary>
public sealed class MediumSettingsConverter : JsonConverter<MediumSettings>
{
    public override MediumSettings Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new MediumSettings { Path = Checked(reader.GetString()!) };
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("must be a path in quotes, or an object with path and sync");

        using var document = JsonDocument.ParseValue(ref reader);
        MediumObject described = StrictJson.Read<MediumObject>(document.RootElement);
        return new MediumSettings { Path = Checked(described.Path), Sync = described.Sync };
    }

    public override void Write(Utf8JsonWriter writer, MediumSettings value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Settings are only read.");

    private static string Checked(string path) => path.Length > 0 ? path : throw new FormatException("path: is missing");

    private sealed record MediumObject
    {
        public string Path { get; init; } = "";

        public bool Sync { get; init; } = true;
    }
}
