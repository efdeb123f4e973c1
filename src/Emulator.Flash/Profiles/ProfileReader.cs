using Emulator.Core;
using Emulator.Flash.Errors;
using Emulator.Flash.Rotating;
using Emulator.Flash.Timing;

namespace Emulator.Flash.Profiles;

/// <summary>
/// Turns the text of a profile into values with their ranges checked; specs/profiles.md lists the keys.
/// </summary>
internal static class ProfileReader
{
    private const long Nanosecond = 1;
    private const long Microsecond = 1_000;
    private const long Millisecond = 1_000_000;

    public static DeviceProfile Read(string file, string text)
    {
        ProfileSection root = ProfileSection.Parse(file, text);
        DeviceKind kind = root.Choice("kind", ("flash", DeviceKind.Flash), ("disk", DeviceKind.Disk), ("array", DeviceKind.Array));
        var profile = new DeviceProfile
        {
            Name = file,
            Description = root.Text("description"),
            Controller = ReadController(root.Section("controller")),
            Flash = kind == DeviceKind.Flash ? ReadFlash(root) : null,
            Disk = kind == DeviceKind.Disk ? ReadDisk(root.Section("disk")) : null,
            Array = kind == DeviceKind.Array ? ReadArray(root.Section("array")) : null,
        };
        root.End();
        return profile;
    }

    private static ControllerProfile ReadController(ProfileSection controller)
    {
        (SimDuration readPace, SimDuration writePace) = ReadPace(controller);
        var options = new ControllerProfile
        {
            Link = ReadLink(controller),
            ReadPace = readPace,
            WritePace = writePace,
            Command = controller.Duration("commandNs", Nanosecond, 0, 1_000_000),
            LinkBytesPerSecond = controller.Whole("linkMegabytesPerSecond", 1, 100_000) * 1_000_000L,
            CacheBytes = controller.Whole("cacheMiB", 0, 1 << 18) * (1L << 20),
            HasVolatileCache = controller.Flag("cacheIsVolatile"),
            MappingCacheBytes = controller.Whole("mappingCacheKiB", 0, 1 << 28) * 1024L,
            MappingCacheKeepsEntries = controller.Choice("mappingCacheUnit", ("page", false), ("entry", true)),
            Prefetches = controller.Flag("prefetch"),
            DramAccess = controller.Duration("dramAccessNs", Nanosecond, 0, 100_000),
            DramBytesPerSecond = controller.Whole("dramMegabytesPerSecond", 1, 1_000_000) * 1_000_000L,
        };
        controller.End();
        return options;
    }

    private static LinkProfile? ReadLink(ProfileSection controller)
    {
        if (!controller.Has("link"))
            return null;
        ProfileSection link = controller.Section("link");
        var options = new LinkProfile
        {
            Commands = link.Whole("commands", 1, LinkProfile.MostCommands),
            Command = link.Duration("commandNs", Nanosecond, 0, 1_000_000),
            IsHalfDuplex = link.Flag("halfDuplex"),
        };
        link.End();
        return options;
    }

    private static (SimDuration Read, SimDuration Write) ReadPace(ProfileSection controller)
    {
        if (!controller.Has("pace"))
            return default;
        ProfileSection pace = controller.Section("pace");
        (SimDuration, SimDuration) paces =
            (pace.Duration("readNs", Nanosecond, 0, 1_000_000), pace.Duration("writeNs", Nanosecond, 0, 1_000_000));
        pace.End();
        return paces;
    }

    private static FlashProfile ReadFlash(ProfileSection root)
    {
        CellType cell = root.Choice(
            "cell", ("slc", CellType.Slc), ("mlc", CellType.Mlc), ("tlc", CellType.Tlc), ("qlc", CellType.Qlc));
        return new FlashProfile
        {
            Cell = cell,
            Geometry = ReadGeometry(root.Section("geometry")),
            OverProvisioningPercent = root.Whole("overProvisioningPercent", 1, 100),
            Timing = ReadTiming(root.Section("timing"), cell),
            Errors = ReadErrors(root.Section("errors")),
        };
    }

    private static FlashGeometry ReadGeometry(ProfileSection shape)
    {
        int pageKiB = shape.Whole("pageKiB", 4, 64);
        if ((pageKiB & (pageKiB - 1)) != 0)
            throw shape.Wrong("pageKiB", $"is {pageKiB}, must be a power of two");
        var geometry = new FlashGeometry
        {
            Channels = shape.Whole("channels", 1, 64),
            DiesPerChannel = shape.Whole("diesPerChannel", 1, 64),
            PlanesPerDie = shape.Whole("planesPerDie", 1, 8),
            PagesPerBlock = shape.Whole("pagesPerBlock", 4, 65_536),
            MapPagesPerFlashPage = pageKiB * 1024 / FlashGeometry.PageBytes,
            IsMultiPlane = shape.Flag("multiPlane"),
            BlocksPerPlane = 1,
        };
        if (geometry.Problem() is { } problem)
            throw shape.Wrong(problem);
        shape.End();
        return geometry;
    }

    private static FlashTimingOptions ReadTiming(ProfileSection timing, CellType cell)
    {
        int bits = timing.Whole("channelBits", 8, 16);
        if (bits % 8 != 0)
            throw timing.Wrong("channelBits", $"is {bits}, must be 8 or 16");
        var options = new FlashTimingOptions
        {
            Read = ReadTimes(timing, "readUs", cell, most: 10_000),
            Program = ReadTimes(timing, "programUs", cell, most: 100_000),
            Erase = timing.Duration("eraseUs", Microsecond, 1, 1_000_000),
            Command = timing.Duration("commandNs", Nanosecond, 0, 100_000),
            RetryStep = timing.Duration("retryStepUs", Microsecond, 0, 10_000),
            ChannelBytesPerSecond = timing.Whole("channelMegatransfers", 1, 10_000) * 1_000_000L * (bits / 8),
            JoinsPlanes = timing.Has("joinPlanes") && timing.Flag("joinPlanes"),
            ProgramSuspend = ReadSuspend(timing, "programSuspend"),
            EraseSuspend = ReadSuspend(timing, "eraseSuspend"),
        };
        timing.End();
        return options;
    }

    private static PageTimes ReadTimes(ProfileSection timing, string key, CellType cell, double most)
    {
        ReadOnlySpan<PageType> types = PageTypes.Of(cell);
        SimDuration[] listed = timing.Durations(key, types.Length, Microsecond, 1, most);
        var times = new SimDuration[4];
        for (int i = 0; i < types.Length; i++)
            times[(int)types[i]] = listed[i];
        return new PageTimes(times[0], times[1], times[2], times[3]);
    }

    private static SuspendOptions? ReadSuspend(ProfileSection timing, string key)
    {
        if (!timing.Has(key))
            return null;
        ProfileSection suspend = timing.Section(key);
        var options = new SuspendOptions
        {
            Latency = suspend.Duration("latencyUs", Microsecond, 0, 10_000),
            LeastRemaining = suspend.Duration("leastRemainingUs", Microsecond, 0, 100_000),
            Limit = suspend.Whole("limit", 1, 1_000),
        };
        suspend.End();
        return options;
    }

    private static ErrorOptions ReadErrors(ProfileSection errors)
    {
        var options = new ErrorOptions
        {
            FreshBitErrorRate = errors.Number("freshBitErrorRate", 0, 0.1),
            RatedCycles = errors.Whole("ratedCycles", 1, 10_000_000),
            WornFactor = errors.Number("wornFactor", 1, 1e6),
            WearExponent = errors.Number("wearExponent", 0.1, 10),
            RetentionPerMonth = errors.Number("retentionPerMonth", 0, 1_000),
            DisturbPerRead = errors.Number("disturbPerRead", 0, 1e-3),
            CorrectableBits = errors.Whole("correctableBitsPer4KiB", 1, FlashGeometry.PageBytes),
            RetryLimit = errors.Whole("retryLimit", 0, 100),
            RetryGain = errors.Number("retryGain", 0.01, 1),
            ProgramFailure = errors.Number("programFailure", 0, 1),
            EraseFailure = errors.Number("eraseFailure", 0, 1),
            FactoryBadBlocks = errors.Number("factoryBadBlocks", 0, 0.2),
            SpareBlocks = errors.Number("spareBlocks", 0, 0.4),
        };
        errors.End();
        return options;
    }

    private static RotatingDiskOptions ReadDisk(ProfileSection disk)
    {
        var options = new RotatingDiskOptions
        {
            RevolutionsPerMinute = disk.Whole("revolutionsPerMinute", 1_000, 30_000),
            Surfaces = disk.Whole("surfaces", 1, 32),
            OuterTrackBytes = disk.Whole("outerTrackKiB", 16, 16_384) * 1024,
            InnerTrackBytes = disk.Whole("innerTrackKiB", 16, 16_384) * 1024,
            TrackToTrackSeek = disk.Duration("trackToTrackMs", Millisecond, 0.01, 100),
            AverageSeek = disk.Duration("averageSeekMs", Millisecond, 0.1, 100),
            FullStrokeSeek = disk.Duration("fullStrokeMs", Millisecond, 0.1, 200),
            WriteSettle = disk.Duration("writeSettleMs", Millisecond, 0, 10),
            Command = disk.Duration("commandUs", Microsecond, 0, 10_000),
            ReadAheadBytes = disk.Whole("readAheadKiB", 0, 65_536) * 1024,
            QueueGain = disk.Number("queueGain", 0, 1),
        };
        if (options.Problem() is { } problem)
            throw disk.Wrong(problem);
        disk.End();
        return options;
    }

    private static ArrayProfile ReadArray(ProfileSection array)
    {
        var options = new ArrayProfile
        {
            Wears = array.Has("wears") ? array.Flag("wears") : null,
            Read = array.Duration("readUs", Microsecond, 0, 1_000_000),
            ReadBytesPerSecond = (long)(array.Number("readMegabytesPerSecond", 1, 100_000) * 1e6),
            Write = array.Duration("writeUs", Microsecond, 0, 1_000_000),
            WriteBytesPerSecond = (long)(array.Number("writeMegabytesPerSecond", 1, 100_000) * 1e6),
        };
        array.End();
        return options;
    }

    private enum DeviceKind
    {
        Flash,
        Disk,
        Array,
    }
}
