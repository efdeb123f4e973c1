using System.Text;
using Spectre.Console;

namespace Emulator.Host.Decode;

/// <summary>Prints a decoded page.</summary>
internal static class PageTables
{
    /// <summary>Rows of a table that are printed; a list can have a million.</summary>
    private const int MostRows = 1000;

    public static void Print(IAnsiConsole console, DecodedPage page)
    {
        var fields = new Table { Title = new TableTitle(Markup.Escape(page.Title)) };
        fields.AddColumns("", "");
        fields.HideHeaders();
        foreach (DecodedField field in page.Fields)
            fields.AddRow(Markup.Escape(Words(field.Name)), Markup.Escape(field.Text ?? TextOf(field.Value)));
        console.Write(fields);
        foreach (DecodedTable table in page.Tables.Where(table => table.Rows.Count > 0))
            console.Write(TableOf(table));
        foreach (string remark in page.Remarks)
            console.MarkupLineInterpolated($"[yellow]{remark}[/]");
    }

    private static Table TableOf(DecodedTable decoded)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(Words(decoded.Name))) };
        table.AddColumns([.. decoded.Columns.Select(column => Markup.Escape(Words(column)))]);
        foreach (object[] row in decoded.Rows.Take(MostRows))
            table.AddRow([.. row.Select(cell => Markup.Escape(TextOf(cell)))]);
        if (decoded.Rows.Count > MostRows)
            table.Caption = new TableTitle($"{decoded.Rows.Count - MostRows} more, see --json");
        return table;
    }

    internal static string TextOf(object value) => value switch
    {
        bool truth => truth ? "yes" : "no",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>What JSON calls granulesWritten are granules written.</summary>
    internal static string Words(string camelCase)
    {
        var words = new StringBuilder();
        foreach (char letter in camelCase)
        {
            if (char.IsUpper(letter))
                words.Append(' ');
            words.Append(char.ToLowerInvariant(letter));
        }

        return words.ToString();
    }
}
