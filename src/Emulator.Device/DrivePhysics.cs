using Emulator.Flash;
using Emulator.Flash.Errors;
using Emulator.Flash.Physics;
using Emulator.Flash.Timing;

namespace Emulator.Device;

/// <summary>What the options of a drive mean for its flash.</summary>
internal static class DrivePhysics
{
    /// <summary>Null for flash that takes no time and never fails.</summary>
    public static FlashPhysics? Of(DriveOptions options, FlashGeometry geometry)
    {
        if (options.Profile?.Flash is not { } flash)
            return null;
        FlashTiming? timing = options.Timing == DriveTiming.Model
            ? new FlashTiming(geometry.Channels, geometry.DiesPerChannel, flash.Timing)
            : null;
        ErrorModel? errors = options.HasMediaErrors ? new ErrorModel(flash.Errors, options.Seed) : null;
        return timing == null && errors == null ? null : new FlashPhysics(geometry, flash.Cell, timing, errors);
    }
}
