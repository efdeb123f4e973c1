using System.Globalization;

namespace Emulator.Ftl;

/// <summary>A page of the address space that the translation layer offers upwards, 4 KiB each.</summary>
public readonly record struct LogicalPage(uint Value)
{
    public static LogicalPage operator +(LogicalPage page, uint pages) => new(page.Value + pages);

    public override string ToString() => "L" + Value.ToString(CultureInfo.InvariantCulture);
}
