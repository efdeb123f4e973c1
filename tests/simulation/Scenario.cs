using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Flash.Profiles;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;

namespace Emulator.SimulationTests;

/// <summary>How the power goes.</summary>
internal enum LossMode
{
    /// <summary>A process is killed, between commands or within one.</summary>
    Kill,

    /// <summary>A machine stops, between commands or within one.</summary>
    MachineStops,

    /// <summary>A drive with flash that takes time loses its power at any nanosecond.</summary>
    VirtualTime,
}

/// <summary>A drive that is small enough to collect all the time, different for each seed.</summary>
internal sealed record Scenario
{
    private const int MebiByte = 1 << 20;

    public required LossMode Mode { get; init; }

    public required DriveOptions Options { get; init; }

    public required MediumFormat Format { get; init; }

    public required int Lives { get; init; }

    public required int CommandsOfLife { get; init; }

    /// <summary>Commands of a hundred that flush.</summary>
    public required int Flushes { get; init; }

    /// <summary>Commands of a thousand that make, delete or format a namespace.</summary>
    public required int NamespaceChanges { get; init; }

    /// <summary>Commands that the host has outstanding at most, in virtual time.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>Commands of a thousand before which something in the medium fails.</summary>
    public required int MediaFaults { get; init; }

    /// <summary>Commands of a thousand that are about snapshots; without any the medium is of version 1.</summary>
    public required int SnapshotChanges { get; init; }

    /// <summary>The namespace that is there from the start is written once from end to end.</summary>
    public required bool IsFilled { get; init; }

    public static Scenario From(SeededRandom random, SeededRandom snapshots, FtlDefects defects)
    {
        var mode = (LossMode)random.Below(3);
        int capacity = (2 + random.Below(2)) * MebiByte;
        int overProvisioning = 7 + random.Below(25);
        var shape = new FlashGeometry
        {
            Channels = 1 + random.Below(2),
            DiesPerChannel = 1 + random.Below(2),
            PlanesPerDie = 1 + random.Below(2),
            PagesPerBlock = 12,
            MapPagesPerFlashPage = 1 << random.Below(3),
            IsMultiPlane = random.Chance(50),
        };
        FlashGeometry geometry = shape.WithBlocksFor(capacity, overProvisioning, FlashTranslationLayer.LeastSpareSuperblocks);
        var options = new DriveOptions
        {
            CapacityBytes = capacity,
            OverProvisioningPercent = overProvisioning,
            Geometry = geometry,
            Namespaces = [new NamespaceOptions { SizeBytes = capacity - MebiByte, BlockBytes = random.Chance(70) ? 4096 : 512 }],
            Cache = CacheFrom(random),
            Defects = defects,
            Profile = mode == LossMode.VirtualTime ? DeviceProfile.Find("tlc-datacentre") : null,
            Timing = mode == LossMode.VirtualTime ? DriveTiming.Model : DriveTiming.None,
            SystemWriteTime = mode == LossMode.VirtualTime ? SimDuration.FromMicroseconds(random.Below(1000)) : SimDuration.Zero,
        };
        int snapshotChanges = snapshots.Chance(60) ? 5 * (1 + snapshots.Below(20)) : 0;
        MediumFormat format = options.ToMediumFormat() with { MetadataBytes = 8192, JournalBytes = 64 << 10 };
        return new Scenario
        {
            SnapshotChanges = snapshotChanges,
            Mode = mode,
            Options = options,
            Format = snapshotChanges == 0 ? format with { SnapshotChunks = 0 } : format,
            Lives = 3 + random.Below(4),
            CommandsOfLife = 20 + random.Below(300),
            Flushes = 1 + random.Below(15),
            NamespaceChanges = random.Below(4) * 8,
            QueueDepth = random.Chance(30) ? 1 << random.Below(12) : 8,
            MediaFaults = random.Chance(40) ? 1 + random.Below(20) : 0,
            IsFilled = random.Chance(60),
        };
    }

    private static CacheOptions CacheFrom(SeededRandom random) => random.Below(4) switch
    {
        0 => new CacheOptions { Mode = CacheMode.Off },
        1 => new CacheOptions { Mode = CacheMode.WriteThrough, SizeBytes = MebiByte },
        _ => new CacheOptions { Mode = CacheMode.WriteBack, SizeBytes = MebiByte },
    };
}
