using Emulator.Flash.Errors;
using Emulator.Flash.Timing;

namespace Emulator.Flash.Profiles;

/// <summary>The flash of a solid-state drive.</summary>
public sealed record FlashProfile
{
    public required CellType Cell { get; init; }

    /// <summary>The shape, with one block a plane; <see cref="GeometryFor"/> says how many a drive needs.</summary>
    public required FlashGeometry Geometry { get; init; }

    /// <summary>Spare capacity in percent of what the drive offers.</summary>
    public required int OverProvisioningPercent { get; init; }

    public required FlashTimingOptions Timing { get; init; }

    public required ErrorOptions Errors { get; init; }

    /// <summary>
    /// The shape for a drive that offers <paramref name="logicalBytes"/>: channels, dies and planes as they are, blocks
    /// with fewer pages if there were too few superblocks otherwise, and as many blocks as are needed.
    /// </summary>
    public FlashGeometry GeometryFor(long logicalBytes, int overProvisioningPercent, int spareSuperblocks)
    {
        FlashGeometry shape = Geometry;
        int wordLine = PageTypes.Of(Cell).Length;
        while (shape.PagesPerBlock / 2 >= wordLine
            && shape.PagesPerSuperblock * (long)FlashGeometry.PageBytes > logicalBytes / 32)
            shape = shape with { PagesPerBlock = shape.PagesPerBlock / 2 };
        return shape.WithBlocksFor(logicalBytes, overProvisioningPercent, spareSuperblocks);
    }
}
