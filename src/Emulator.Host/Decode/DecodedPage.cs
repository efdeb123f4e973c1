using System.Text.Json;
using System.Text.Json.Nodes;

namespace Emulator.Host.Decode;

/// <summary>A page of the vendor command set in words: fields, and tables of what there is several of.</summary>
/// <param name="Title">What it is.</param>
internal sealed record DecodedPage(string Title)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public List<DecodedField> Fields { get; } = [];

    public List<DecodedTable> Tables { get; } = [];

    /// <summary>What a reader should know beside it, such as that the data ends before the page does.</summary>
    public List<string> Remarks { get; } = [];

    /// <param name="name">In camel case, as JSON has it.</param>
    /// <param name="value">A number, text, or truth.</param>
    /// <param name="text">How people read it; null for as it is.</param>
    public void Add(string name, object value, string? text = null) => Fields.Add(new DecodedField(name, value, text));

    public DecodedTable AddTable(string name, params string[] columns)
    {
        var table = new DecodedTable(name, columns);
        Tables.Add(table);
        return table;
    }

    public string ToJson()
    {
        var page = new JsonObject { ["page"] = Title };
        foreach (DecodedField field in Fields)
            page[field.Name] = NodeOf(field.Value);
        foreach (DecodedTable table in Tables)
            page[table.Name] = new JsonArray([.. table.Rows.Select(row => RowOf(table, row))]);
        if (Remarks.Count > 0)
            page["remarks"] = new JsonArray([.. Remarks.Select(remark => NodeOf(remark))]);
        return page.ToJsonString(Indented);
    }

    private static JsonObject RowOf(DecodedTable table, object[] row)
    {
        var node = new JsonObject();
        for (int i = 0; i < row.Length; i++)
            node[table.Columns[i]] = NodeOf(row[i]);
        return node;
    }

    private static JsonNode? NodeOf(object value) => value switch
    {
        DecodedValue decoded => decoded.Json,
        JsonNode node => node,
        bool truth => JsonValue.Create(truth),
        string text => JsonValue.Create(text),
        ulong number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
    };
}

/// <param name="Text">How people read it; null for as the value is.</param>
internal sealed record DecodedField(string Name, object Value, string? Text);

/// <summary>A value that people and programs read in different forms.</summary>
internal sealed record DecodedValue(string Text, JsonNode Json)
{
    public override string ToString() => Text;
}

/// <param name="Name">In camel case, as JSON has it.</param>
/// <param name="Columns">In camel case.</param>
internal sealed record DecodedTable(string Name, string[] Columns)
{
    public List<object[]> Rows { get; } = [];

    public void Add(params object[] row) => Rows.Add(row);
}
