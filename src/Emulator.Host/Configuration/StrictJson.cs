using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Emulator.Host.Configuration;

/// <summary>
/// Turns JSON into settings and takes nothing on trust: a key that does not exist, a key given twice, a null and a value
/// of another type are errors that name the place, as in drives[0].size.
/// </summary>
public static class StrictJson
{
    private static readonly JsonSerializerOptions Options = CreateOptions();

    /// <exception cref="FormatException">Something is wrong; the message says where and what.</exception>
    public static T Read<T>(JsonElement element)
    {
        JsonTypeInfo type = Options.GetTypeInfo(typeof(T));
        Check(element, type, path: "");
        return (T)element.Deserialize(type)!;
    }

    private static void Check(JsonElement element, JsonTypeInfo type, string path)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(element, type, path);
                break;
            case JsonTypeInfoKind.Enumerable:
                CheckArray(element, type, path);
                break;
            default:
                CheckValue(element, type, path);
                break;
        }
    }

    private static void CheckObject(JsonElement element, JsonTypeInfo type, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong(path, "must be an object in braces");

        var seen = new HashSet<string>();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string inner = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            JsonPropertyInfo? known = Keys(type).FirstOrDefault(p => p.Name == property.Name);
            if (known == null)
                throw Wrong(inner, "unknown key" + Suggestion(property.Name, type));
            if (!seen.Add(property.Name))
                throw Wrong(inner, "is there twice");
            Type valueType = Nullable.GetUnderlyingType(known.PropertyType) ?? known.PropertyType;
            Check(property.Value, Options.GetTypeInfo(valueType), inner);
        }
    }

    /// <summary>What follows from other settings is no key.</summary>
    private static IEnumerable<JsonPropertyInfo> Keys(JsonTypeInfo type) => type.Properties.Where(p => p.Set != null);

    private static string Suggestion(string typed, JsonTypeInfo type) =>
        Spelling.Nearest(typed, Keys(type).Select(p => p.Name)) is { } near ? $"; did you mean '{near}'?" : "";

    private static void CheckArray(JsonElement element, JsonTypeInfo type, string path)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw Wrong(path, "must be a list in brackets");

        JsonTypeInfo elementType = Options.GetTypeInfo(type.ElementType!);
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray())
            Check(item, elementType, $"{path}[{index++}]");
    }

    private static void CheckValue(JsonElement element, JsonTypeInfo type, string path)
    {
        if (element.ValueKind == JsonValueKind.Null)
            throw Wrong(path, "null is no value; leave the key out for the default");
        try
        {
            element.Deserialize(type);
        }
        catch (FormatException e)
        {
            throw Wrong(path, e.Message);
        }
        catch (JsonException)
        {
            throw Wrong(path, "must be " + Expected(type.Type));
        }
    }

    private static string Expected(Type type) =>
        type == typeof(int) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(bool) ? "true or false"
        : "a text in quotes";

    private static FormatException Wrong(string path, string what) => new(path.Length == 0 ? what : $"{path}: {what}");

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            // The text is read a second time here, so what the syntax allows is allowed again.
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        foreach (var converter in SettingConverters.All)
            options.Converters.Add(converter);
        options.MakeReadOnly();
        return options;
    }
}
