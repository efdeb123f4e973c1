using System.Globalization;

namespace Emulator.Flash;

/// <summary>Where a page is on the medium: superblock times pages per superblock, and the page within.</summary>
public readonly record struct PhysicalPage(uint Value)
{
    /// <summary>No page: the logical page is not mapped.</summary>
    public static readonly PhysicalPage None = new(uint.MaxValue);

    /// <summary>The contents of the logical page are gone: a damaged medium lost them.</summary>
    public static readonly PhysicalPage Lost = new(uint.MaxValue - 1);

    /// <summary>How many pages can be told apart; <see cref="None"/> and <see cref="Lost"/> take the last values.</summary>
    public const long LargestCount = uint.MaxValue - 1;

    public static PhysicalPage operator +(PhysicalPage page, uint pages) => new(page.Value + pages);

    public override string ToString() => this == None ? "none" : "P" + Value.ToString(CultureInfo.InvariantCulture);
}
