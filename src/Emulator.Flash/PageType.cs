namespace Emulator.Flash;

/// <summary>Which bit of its cells a page is: the higher ones take longer to read and to program.</summary>
public enum PageType : byte
{
    Lsb,
    Csb,
    Msb,
    Tsb,
}

/// <summary>The page types of the rows of a block.</summary>
public static class PageTypes
{
    private static readonly PageType[][] ByCell =
    [
        [PageType.Lsb],
        [PageType.Lsb, PageType.Msb],
        [PageType.Lsb, PageType.Csb, PageType.Msb],
        [PageType.Lsb, PageType.Csb, PageType.Msb, PageType.Tsb],
    ];

    /// <summary>
    /// The types that cells of this kind have, in the order in which a word line's pages are programmed.
    /// </summary>
    public static ReadOnlySpan<PageType> Of(CellType cell) => ByCell[(int)cell - 1];

    /// <summary>The type of a page by its row in the block: the pages of a word line follow one another.</summary>
    public static PageType OfRow(CellType cell, int row)
    {
        ReadOnlySpan<PageType> types = Of(cell);
        return types[(int)((uint)row % (uint)types.Length)];
    }
}
