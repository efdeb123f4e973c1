using Emulator.Device;
using Emulator.Flash;
using Emulator.Flash.Profiles;
using Emulator.Ftl;

namespace Emulator.Host.Configuration;

/// <summary>The medium of a drive. What is not written follows from the size of the drive.</summary>
public sealed record FlashSettings
{
    /// <summary>Spare capacity in percent of the drive's size.</summary>
    public int? OverProvisioning { get; init; }

    public int? Channels { get; init; }

    public int? DiesPerChannel { get; init; }

    public int? PlanesPerDie { get; init; }

    public int? PagesPerBlock { get; init; }

    public int? BlocksPerPlane { get; init; }

    public int OverProvisioningFor(DeviceProfile? profile) => OverProvisioning
        ?? profile?.Flash?.OverProvisioningPercent
        ?? new DriveOptions().OverProvisioningPercent;

    /// <summary>Null when nothing about the shape is written and the drive is to choose.</summary>
    public FlashGeometry? ToGeometry(long capacityBytes, DeviceProfile? profile)
    {
        if (Channels == null && DiesPerChannel == null && PlanesPerDie == null
            && PagesPerBlock == null && BlocksPerPlane == null)
            return null;

        FlashGeometry chosen = new DriveOptions
        {
            CapacityBytes = capacityBytes,
            OverProvisioningPercent = OverProvisioningFor(profile),
            Profile = profile,
        }.EffectiveGeometry();
        FlashGeometry shape = chosen with
        {
            Channels = Channels ?? chosen.Channels,
            DiesPerChannel = DiesPerChannel ?? chosen.DiesPerChannel,
            PlanesPerDie = PlanesPerDie ?? chosen.PlanesPerDie,
            PagesPerBlock = PagesPerBlock ?? chosen.PagesPerBlock,
        };
        return shape with { BlocksPerPlane = BlocksPerPlane ?? EnoughBlocks(chosen, shape) };
    }

    // As many superblocks as hold what the chosen ones would have held, and never fewer than the layer needs as spare.
    private static int EnoughBlocks(FlashGeometry chosen, FlashGeometry shape)
    {
        if (shape.Problem() != null)
            return chosen.BlocksPerPlane;
        long pages = (long)(chosen.BlocksPerPlane - FlashTranslationLayer.LeastSpareSuperblocks) * chosen.PagesPerSuperblock;
        long blocks = ((pages + shape.PagesPerSuperblock - 1) / shape.PagesPerSuperblock)
            + FlashTranslationLayer.LeastSpareSuperblocks;
        return (int)Math.Min(blocks, int.MaxValue);
    }
}
