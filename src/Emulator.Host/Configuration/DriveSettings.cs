using Emulator.Device;
using Emulator.Flash.Profiles;

namespace Emulator.Host.Configuration;

/// <summary>
/// A drive as the configuration file describes it; the defaults are those of <see cref="DriveOptions"/>.
/// </summary>
public sealed record DriveSettings
{
    private static readonly DriveOptions Default = new();

    public string Subsystem { get; init; } = Default.SubsystemNqn;

    /// <summary>Also the name by which a listener refers to the drive.</summary>
    public string Serial { get; init; } = Default.SerialNumber;

    public string Model { get; init; } = Default.ModelNumber;

    public ByteSize Size { get; init; } = new(Default.CapacityBytes);

    public IReadOnlyList<NamespaceSettings> Namespaces { get; init; } = [new()];

    /// <summary>What is done to the pages of namespaces that hosts create.</summary>
    public TransformSettings CreatedNamespaces { get; init; } = new();

    public int MaxNamespaces { get; init; } = Default.MaxNamespaces;

    public ControllerIdRange ControllerIds { get; init; } = new(Default.FirstControllerId, Default.LastControllerId);

    /// <summary>Host NQNs that may connect; empty for every host.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = Default.AllowedHosts;

    /// <summary>Host NQNs that may name other controllers in migration commands.</summary>
    public IReadOnlyList<string> Managers { get; init; } = Default.Managers;

    /// <summary>Whether VMs of hosts that were never seen have to arrive by a migration first.</summary>
    public bool Standby { get; init; } = Default.IsStandby;

    /// <summary>Where the secret is that the keys of encrypted namespaces derive from; null for none.</summary>
    public SecretSettings? Secret { get; init; }

    public FlashSettings Flash { get; init; } = new();

    public CacheSettings Cache { get; init; } = new();

    public FtlSettings Ftl { get; init; } = new();

    /// <summary>Whether a drive in memory takes all of that when it starts.</summary>
    public bool Preallocate { get; init; } = Default.IsPreallocated;

    /// <summary>The file in which the drive survives its process; null for memory.</summary>
    public MediumSettings? Medium { get; init; }

    public MigrationSettings Migration { get; init; } = new();

    /// <summary>What kind of device it is; null for one that takes no time and never fails.</summary>
    public DeviceProfile? Profile { get; init; }

    /// <summary>Null for the model as soon as there is a profile.</summary>
    public DriveTiming? Timing { get; init; }

    /// <summary>Whether cells err and blocks go bad; null for yes when the medium takes time.</summary>
    public bool? MediaErrors { get; init; }

    /// <summary>What goes wrong on purpose.</summary>
    public IReadOnlyList<FaultSettings> Faults { get; init; } = [];

    public DriveTiming EffectiveTiming => Timing ?? (Profile == null ? DriveTiming.None : DriveTiming.Model);

    /// <summary>Whether any namespace may transform its pages, as far as the configuration knows.</summary>
    public bool HasTransforms =>
        Secret != null || !CreatedNamespaces.Transforms.IsNone || Namespaces.Any(ns => !ns.Transforms.IsNone);

    public int MaxIoQueues { get; init; } = Default.MaxIoQueues;

    public int MaxQueueEntries { get; init; } = Default.MaxQueueEntries;

    public ByteSize MaxTransfer { get; init; } = new(Default.MaxTransferBytes);

    public ByteSize InCapsuleData { get; init; } = new(Default.InCapsuleDataBytes);

    public ByteSize TrackingGranule { get; init; } = new(Default.TrackingGranuleBytes);

    public int MaxRanges { get; init; } = Default.MaxReportedRanges;

    /// <summary>The drive to build; what is impossible about it, <see cref="DriveOptionsValidation"/> says.</summary>
    public DriveOptions ToOptions() => new()
    {
        SubsystemNqn = Subsystem,
        SerialNumber = Serial,
        ModelNumber = Model,
        CapacityBytes = Size.Bytes,
        Profile = Profile,
        Timing = EffectiveTiming,
        HasMediaErrors = MediaErrors ?? EffectiveTiming == DriveTiming.Model,
        OverProvisioningPercent = Flash.OverProvisioningFor(Profile),
        Geometry = Flash.ToGeometry(Size.Bytes, Profile),
        Cache = Cache.ToOptions(Profile?.Controller, EffectiveTiming),
        Faults = [.. Faults.Select(fault => fault.ToScheduled()).OrderBy(fault => fault.At)],
        Ftl = Ftl.ToOptions(Profile?.Controller),
        Namespaces = [.. Namespaces.Select(ns => ns.ToOptions())],
        CreatedTransforms = CreatedNamespaces.Transforms,
        MaxNamespaces = MaxNamespaces,
        FirstControllerId = ControllerIds.First,
        LastControllerId = ControllerIds.Last,
        AllowedHosts = Hosts,
        Managers = Managers,
        IsStandby = Standby,
        IsPreallocated = Preallocate,
        MaxIoQueues = MaxIoQueues,
        MaxQueueEntries = MaxQueueEntries,
        MaxTransferBytes = Saturated(MaxTransfer),
        InCapsuleDataBytes = Saturated(InCapsuleData),
        TrackingGranuleBytes = Saturated(TrackingGranule),
        MaxReportedRanges = MaxRanges,
    };

    // Whatever does not fit is far beyond each limit, and the validation says so.
    private static int Saturated(ByteSize size) => (int)Math.Min(size.Bytes, int.MaxValue);
}

/// <summary>A namespace that exists from the start.</summary>
public sealed record NamespaceSettings : TransformSettings
{
    private static readonly NamespaceOptions Default = new();

    /// <summary>0 for what the drive has left.</summary>
    public ByteSize Size { get; init; } = new(Default.SizeBytes);

    public int BlockSize { get; init; } = Default.BlockBytes;

    /// <summary>Host NQNs it is attached to; empty for every host.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = Default.Hosts;

    public NamespaceOptions ToOptions() => new()
    {
        SizeBytes = Size.Bytes,
        BlockBytes = BlockSize,
        Hosts = Hosts,
        Transforms = Transforms,
    };
}
