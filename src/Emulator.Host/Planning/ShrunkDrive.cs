using Emulator.Cache;
using Emulator.Device;

namespace Emulator.Host.Planning;

/// <summary>
/// A drive for an image that was made smaller: its cache shrinks with it, as far as the drive works with that. Otherwise it
/// would hold most of a small image where it holds next to nothing of a large one.
/// </summary>
public static class ShrunkDrive
{
    public static DriveOptions Of(DriveOptions drive, int factor)
    {
        long whole = drive.Cache.SizeBytes;
        for (long cache = Math.Max(CacheOptions.LeastBytes, whole / factor); cache < whole; cache *= 2)
        {
            DriveOptions shrunk = drive with { Cache = drive.Cache with { SizeBytes = cache } };
            if (DriveOptionsValidation.Problem(shrunk) == null)
                return shrunk;
        }

        return drive;
    }
}
