namespace Emulator.Flash;

/// <summary>
/// The shape of the medium. A stripe takes one page of every plane of every die; a superblock is the same block number
/// on all of them and is what the translation layer opens, fills and erases.
/// </summary>
public sealed record FlashGeometry
{
    /// <summary>Bytes of user data in a page: the unit of programming and of mapping.</summary>
    public const int PageBytes = 4096;

    public int Channels { get; init; } = 4;

    public int DiesPerChannel { get; init; } = 2;

    public int PlanesPerDie { get; init; } = 2;

    public int PagesPerBlock { get; init; } = 256;

    /// <summary>Blocks of each plane, which is the number of superblocks.</summary>
    public int BlocksPerPlane { get; init; } = 128;

    public int PlaneCount => Channels * DiesPerChannel * PlanesPerDie;

    public int PagesPerSuperblock => PlaneCount * PagesPerBlock;

    public long PageCount => (long)PagesPerSuperblock * BlocksPerPlane;

    public long Bytes => PageCount * PageBytes;

    /// <summary>Which plane a page is on: consecutive pages of a superblock go round all planes.</summary>
    public int PlaneOf(PhysicalPage page) => (int)(page.Value % (uint)PlaneCount);

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

        long superblockBytes = geometry.PagesPerSuperblock * (long)PageBytes;
        long needed = logicalBytes + (logicalBytes / 100 * overProvisioningPercent);
        long superblocks = ((needed + superblockBytes - 1) / superblockBytes) + spareSuperblocks;
        return geometry with { BlocksPerPlane = (int)Math.Min(superblocks, int.MaxValue) };
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
        })
        {
            if (value < 1 || value > largest)
                return $"{name} is {value}, must be 1 to {largest}";
        }

        if (BlocksPerPlane < 1)
            return $"blocksPerPlane is {BlocksPerPlane}, must be at least 1";
        if ((long)PlaneCount * PagesPerBlock > int.MaxValue)
            return $"{(long)PlaneCount * PagesPerBlock} pages in a superblock are more than {int.MaxValue}";
        if (PageCount > PhysicalPage.LargestCount)
            return $"{PageCount} pages are more than the {PhysicalPage.LargestCount} that can be addressed";
        return null;
    }
}
