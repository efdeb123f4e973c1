namespace Emulator.Flash;

/// <summary>
/// The shape of the medium. A superblock is the same block number on every plane of every die and is what the
/// translation layer opens, fills and erases.
/// <para>
/// Consecutive pages of a superblock fill what one program operation takes, then go round the channels, then the dies of
/// a channel, then the next row of flash pages: what is written in a row is spread over channels first. The planes of a
/// die come with the operation where it takes all of them, and after the dies where it takes one.
/// </para>
/// </summary>
public sealed record FlashGeometry
{
    /// <summary>Bytes of user data in a page of the map: the unit of mapping, of a spare area and of a codeword.</summary>
    public const int PageBytes = 4096;

    public int Channels { get; init; } = 4;

    public int DiesPerChannel { get; init; } = 2;

    public int PlanesPerDie { get; init; } = 2;

    /// <summary>Flash pages of a block.</summary>
    public int PagesPerBlock { get; init; } = 256;

    /// <summary>Blocks of each plane that hold data, which is the number of superblocks.</summary>
    public int BlocksPerPlane { get; init; } = 128;

    /// <summary>Pages of the map in a flash page, a power of two: a flash page of 16 KiB has 4.</summary>
    public int MapPagesPerFlashPage { get; init; } = 1;

    /// <summary>Whether one program operation takes a flash page on every plane of a die.</summary>
    public bool IsMultiPlane { get; init; }

    /// <summary>
    /// Bytes beside each page, other than its spare area, for an error-correcting code of the drive's own; 0 for none.
    /// </summary>
    public int ParityBytes { get; init; }

    public int DieCount => Channels * DiesPerChannel;

    public int PlaneCount => DieCount * PlanesPerDie;

    /// <summary>Pages of the map that one program operation takes.</summary>
    public int ProgramPages => IsMultiPlane ? MapPagesPerFlashPage * PlanesPerDie : MapPagesPerFlashPage;

    /// <summary>Pages of the map in a superblock.</summary>
    public int PagesPerSuperblock => PlaneCount * PagesPerBlock * MapPagesPerFlashPage;

    /// <summary>Pages of the map on the whole medium.</summary>
    public long PageCount => (long)PagesPerSuperblock * BlocksPerPlane;

    public long Bytes => PageCount * PageBytes;

    /// <summary>Which die a page is on, counted through the channels first.</summary>
    public int DieOf(PhysicalPage page) => (int)(page.Value / (uint)ProgramPages % (uint)DieCount);

    /// <summary>Which channel a die is on.</summary>
    public int ChannelOf(int die) => die % Channels;

    /// <summary>Which plane of its die a page is on.</summary>
    public int PlaneOf(PhysicalPage page)
    {
        int dies = IsMultiPlane ? 1 : DieCount;
        return (int)(page.Value / (uint)(MapPagesPerFlashPage * dies) % (uint)PlanesPerDie);
    }

    /// <summary>Which flash page of its block a page is in.</summary>
    public int RowOf(PhysicalPage page) =>
        (int)(page.Value % (uint)PagesPerSuperblock / (uint)(MapPagesPerFlashPage * PlaneCount));

    public int SuperblockOf(PhysicalPage page) => (int)(page.Value / (uint)PagesPerSuperblock);

    public PhysicalPage FirstPageOf(int superblock) => new((uint)superblock * (uint)PagesPerSuperblock);

    /// <summary>
    /// A geometry for a drive that offers <paramref name="logicalBytes"/>: enough superblocks for them, the
    /// over-provisioning and <paramref name="spareSuperblocks"/> more, small enough that there are always several.
    /// </summary>
    public static FlashGeometry ForCapacity(long logicalBytes, int overProvisioningPercent, int spareSuperblocks)
    {
        var geometry = new FlashGeometry();
        while (geometry.PagesPerBlock > 4 && geometry.PagesPerSuperblock * (long)PageBytes > logicalBytes / 32)
            geometry = geometry with { PagesPerBlock = geometry.PagesPerBlock / 2 };
        return geometry.WithBlocksFor(logicalBytes, overProvisioningPercent, spareSuperblocks);
    }

    /// <summary>This shape with as many blocks as <see cref="ForCapacity"/> wants.</summary>
    public FlashGeometry WithBlocksFor(long logicalBytes, int overProvisioningPercent, int spareSuperblocks)
    {
        long superblockBytes = PagesPerSuperblock * (long)PageBytes;
        long needed = logicalBytes + (logicalBytes / 100 * overProvisioningPercent);
        long superblocks = ((needed + superblockBytes - 1) / superblockBytes) + spareSuperblocks;
        return this with { BlocksPerPlane = (int)Math.Min(superblocks, int.MaxValue) };
    }

    /// <summary>Says in one line what is impossible about the geometry; null when nothing is.</summary>
    public string? Problem()
    {
        foreach ((string name, int value, int largest) in new[]
        {
            ("channels", Channels, 64),
            ("diesPerChannel", DiesPerChannel, 64),
            ("planesPerDie", PlanesPerDie, 8),
            ("pagesPerBlock", PagesPerBlock, 65_536),
            ("mapPagesPerFlashPage", MapPagesPerFlashPage, 16),
        })
        {
            if (value < 1 || value > largest)
                return $"{name} is {value}, must be 1 to {largest}";
        }

        if ((MapPagesPerFlashPage & (MapPagesPerFlashPage - 1)) != 0)
            return $"mapPagesPerFlashPage is {MapPagesPerFlashPage}, must be a power of two";
        if (ParityBytes is < 0 or > PageBytes)
            return $"parityBytes is {ParityBytes}, must be 0 to {PageBytes}";
        if (BlocksPerPlane < 1)
            return $"blocksPerPlane is {BlocksPerPlane}, must be at least 1";
        if ((long)PlaneCount * PagesPerBlock * MapPagesPerFlashPage is var pages && pages > int.MaxValue)
            return $"{pages} pages in a superblock are more than {int.MaxValue}";
        if (PageCount > PhysicalPage.LargestCount)
            return $"{PageCount} pages are more than the {PhysicalPage.LargestCount} that can be addressed";
        return null;
    }
}
