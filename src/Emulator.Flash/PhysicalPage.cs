using System.Globalization;

namespace Emulator.Flash;

/// <summary>Where a page is on the medium: superblock times pages per superblock, and the page within.</summary>
public readonly record struct PhysicalPage(uint Value)
{
    /// <summary>No page: the logical page is not mapped.</summary>
    public static readonly PhysicalPage None = new(uint.MaxValue);

    /// <summary>How many pages can be told apart; <see cref="None"/> takes the last value.</summary>
    public const long LargestCount = uint.MaxValue;

    public static PhysicalPage operator +(PhysicalPage page, uint pages) => new(page.Value + pages);

    public override string ToString() => this == None ? "none" : "P" + Value.ToString(CultureInfo.InvariantCulture);
}
