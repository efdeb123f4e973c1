using System.Globalization;
using System.Text.Json;
using Emulator.Core;

namespace Emulator.Flash.Profiles;

/// <summary>
/// An object of a profile's text. Every key that is asked for has to be there with a value of its type and in its
/// range, and <see cref="End"/> refuses what nobody asked for; the message of each error names the file and the key.
/// </summary>
internal sealed class ProfileSection
{
    private static readonly JsonDocumentOptions Syntax = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly string _file;
    private readonly string _path;
    private readonly Dictionary<string, JsonElement> _unread = [];
    private readonly List<string> _known = [];

    private ProfileSection(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            string place = path.Length == 0 ? "the profile" : path;
            throw new FormatException($"{file}: {place} must be an object in braces");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!_unread.TryAdd(property.Name, property.Value))
                throw Wrong(property.Name, "is there twice");
        }
    }

    /// <exception cref="FormatException">The text is no JSON object.</exception>
    public static ProfileSection Parse(string file, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Syntax);
            return new ProfileSection(file, "", document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            string line = ((e.LineNumber ?? 0) + 1).ToString(CultureInfo.InvariantCulture);
            throw new FormatException($"{file}: line {line} is not JSON");
        }
    }

    /// <summary>Whether a key that may be missing is there.</summary>
    public bool Has(string key)
    {
        _known.Add(key);
        return _unread.ContainsKey(key);
    }

    public ProfileSection Section(string key) => new(_file, PathOf(key), Take(key));

    public string Text(string key)
    {
        JsonElement value = Take(key);
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(key, "must be a text in quotes");
        return value.GetString()!;
    }

    /// <summary>One of a few words.</summary>
    public T Choice<T>(string key, params (string Word, T Value)[] choices)
    {
        string text = Text(key);
        foreach ((string word, T value) in choices)
        {
            if (word == text)
                return value;
        }

        throw Wrong(key, $"is '{text}', must be one of {string.Join(", ", choices.Select(choice => choice.Word))}");
    }

    public bool Flag(string key) => Take(key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, "must be true or false"),
    };

    public int Whole(string key, int least, int most)
    {
        JsonElement value = Take(key);
        if (value.ValueKind != JsonValueKind.Number
            || !value.TryGetInt32(out int number) || number < least || number > most)
            throw Wrong(key, $"is {value.GetRawText()}, must be a whole number from {least} to {most}");
        return number;
    }

    public double Number(string key, double least, double most) => ToNumber(key, Take(key), least, most);

    /// <summary>A duration in a unit of so many nanoseconds, which the key names.</summary>
    public SimDuration Duration(string key, long unit, double least, double most) =>
        ToDuration(Number(key, least, most), unit);

    /// <summary>A list of durations, exactly so many.</summary>
    public SimDuration[] Durations(string key, int count, long unit, double least, double most)
    {
        JsonElement list = Take(key);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != count)
            throw Wrong(key, $"must be a list of {count} numbers, one for each page type of the cells");
        return
        [
            .. list.EnumerateArray()
                .Select((value, i) => ToDuration(ToNumber($"{key}[{i}]", value, least, most), unit)),
        ];
    }

    /// <summary>The error of a value.</summary>
    public FormatException Wrong(string key, string what) => new($"{_file}: {PathOf(key)} {what}");

    /// <summary>The error of a section whose values do not go together.</summary>
    public FormatException Wrong(string what) => new($"{_file}: {_path}: {what}");

    /// <exception cref="FormatException">There is a key that means nothing here.</exception>
    public void End()
    {
        foreach (string key in _unread.Keys.Order(StringComparer.Ordinal))
            throw Wrong(key, $"is not a key; there are {string.Join(", ", _known.Distinct())}");
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private JsonElement Take(string key)
    {
        _known.Add(key);
        return _unread.Remove(key, out JsonElement value) ? value : throw Wrong(key, "is missing");
    }

    private double ToNumber(string key, JsonElement value, double least, double most)
    {
        if (value.ValueKind != JsonValueKind.Number
            || !value.TryGetDouble(out double number) || !(number >= least && number <= most))
        {
            throw Wrong(key, string.Create(
                CultureInfo.InvariantCulture, $"is {value.GetRawText()}, must be a number from {least} to {most}"));
        }

        return number;
    }

    private static SimDuration ToDuration(double number, long unit) => new((long)Math.Round(number * unit));
}
