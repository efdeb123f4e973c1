using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Rotating;
using Emulator.Ftl;
using Emulator.Ftl.Rotating;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>
/// The drive: one NVM subsystem with its controllers, namespaces and medium, as a state machine. It holds no socket,
/// thread or clock. Whoever owns it passes the time into every call, makes all calls on one thread, and calls
/// <see cref="Advance"/> no later than <see cref="NextEvent"/>.
/// </summary>
public sealed partial class Drive : ISubsystem, IDisposable
{
    private readonly Medium _medium;
    private readonly bool _ownsMedium;
    private readonly IStoredPageStore _store;
    private readonly FlashArray? _flash;
    private readonly FlashTranslationLayer? _ftl;
    private readonly RotatingDisk? _disk;
    private readonly TransformingStore? _transforms;
    private readonly PageCache _pages;
    private readonly ControllerTable _controllers;
    private bool _faulted;
    private SimTime _deadline = SimTime.Never;
    private readonly NativeMemoryBlock _copyStaging = new((long)Controller.CopyBlocks * FlashGeometry.PageBytes);

    /// <param name="options">Possible ones: <see cref="DriveOptionsValidation"/>.</param>
    /// <param name="medium">
    /// Where the drive keeps everything, which outlives it; null for memory of its own. One that persists is formatted
    /// if it is blank; else the drive becomes the one that it was.
    /// </param>
    /// <exception cref="MediumException">The medium cannot be used, for a reason that is told.</exception>
    public Drive(DriveOptions options, Medium? medium = null)
    {
        Check.That(DriveOptionsValidation.Problem(options) == null);
        Options = options;
        if (options.Timing == DriveTiming.Model)
            Link = new HostLink(options.Profile!, options.HasTransport);
        _medium = Prepare(options, medium);
        _ownsMedium = medium == null;
        MediumId = _medium.Persists ? MediumFormat.ReadFrom(HeaderOf(_medium), options.MediumName).Id : options.MediumId;
        if (options.Profile is { Flash: null } profile)
            _store = _disk = MakeDisk(profile.Disk, options);
        else
            _store = _ftl = MakeTranslation(_flash = new FlashArray(_medium, DrivePhysics.Of(options, _medium.Geometry)), options);
        if (options.Codecs != null && _store.KeepsContents)
            _transforms = new TransformingStore(_store, NamespaceMap.SegmentShift);
        _pages = new PageCache((IPageStore?)_transforms ?? _store, options.Cache);
        if (options.IsPreallocated)
        {
            _medium.Preallocate();
            _pages.Preallocate();
        }

        _sequential = new SequentialDetector(Math.Min(LongestReadAheadPages, options.Cache.Lines / ReadAheadPart));
        Namespaces = new NamespaceTable(options, _pages, _store, _transforms, IsPersistent ? MetadataChanged : null);
        Snapshots = new SnapshotSet(this, _ftl);
        _controllers = new ControllerTable(options, Namespaces, _pages);
        Streams = new StreamResources(Math.Min(options.Ftl.HostFrontiers, WriteStream.LargestDirective));
        Sanitize = new SanitizeOperation(this);
        SelfTest = new SelfTest(this);
        Transfers = new DirectTransfers(this);
        HeldWrites = new HeldWrites(this);
        Events = new PersistentEventLog(options, Clock);
        RecordPowerOn();
        TakeOverMetadata();
        TakeOverLogs();
        Schedule();
    }

    public DriveOptions Options { get; }

    public string Nqn => Options.SubsystemNqn;

    public int MaxTransferBytes => Options.MaxTransferBytes;

    public int InCapsuleDataBytes => Options.InCapsuleDataBytes;

    public NamespaceTable Namespaces { get; }

    /// <summary>Checksums of ranges, one at a time.</summary>
    internal RangeChecksums Checksums { get; } = new();

    /// <summary>Snapshots of namespaces.</summary>
    public SnapshotSet Snapshots { get; }

    /// <summary>Life-time counters, for SMART.</summary>
    public DriveHealth Health { get; } = new();

    /// <summary>Timestamp, FID 0Eh.</summary>
    public DriveClock Clock { get; } = new();

    /// <summary>Revision of the firmware that is in slot 1 for ever.</summary>
    public const string FactoryFirmwareRevision = "1.0";

    /// <summary>FR: revision of the firmware that runs.</summary>
    public string FirmwareRevision => Firmware.ActiveRevision;

    /// <summary>Null when nothing takes time.</summary>
    internal HostLink? Link { get; }

    internal FirmwareSlots Firmware { get; } = new();

    internal SanitizeOperation Sanitize { get; }

    internal SelfTest SelfTest { get; }

    internal PersistentEventLog Events { get; }

    /// <summary>Values of features whose scope is the NVM subsystem.</summary>
    internal FeatureStore Features { get; } = new();

    /// <summary>What the translation layer counts, or as much of it as a disk has.</summary>
    public ref readonly FtlCounters FtlCounters => ref _ftl != null ? ref _ftl.Counters : ref _disk!.Counters;

    /// <summary>The translation layer; null for a disk, which has none.</summary>
    internal Ftl.FlashTranslationLayer? Translation => _ftl;

    /// <summary>Pages read back as what was written.</summary>
    internal bool KeepsContents => _store.KeepsContents;

    /// <summary>Streams of the Streams directive.</summary>
    internal StreamResources Streams { get; }

    public SimTime NextEvent => IsAnythingDurable
        ? SimTime.Zero
        : SimTime.Min(
            SimTime.Min(_deadline, _pages.NextEvent),
            LimitsWrites ? SimTime.Min(Transfers.NextEvent, HeldWrites.NextEvent) : Transfers.NextEvent);

    /// <summary>Names what the drive keeps its data on: another one, and what was written before is not there.</summary>
    public Guid MediumId { get; }

    /// <summary>What hosts ask of the drive.</summary>
    internal ForegroundMeter Hosts { get; } = new();

    internal DirectTransfers Transfers { get; }

    /// <summary>Writes that are answered later; looked at only while <see cref="LimitsWrites"/>.</summary>
    internal HeldWrites HeldWrites { get; }

    /// <summary>Some VM is held to a rate.</summary>
    internal bool LimitsWrites { get; set; }

    internal ControllerTable Controllers => _controllers;

    /// <summary>A sanitize operation is under way: no command may reach the data.</summary>
    internal bool IsSanitizing => Sanitize.IsInProgress;

    /// <summary>Every controller that a host is connected to, in ascending order of their identifiers.</summary>
    public IEnumerable<Controller> ConnectedControllers => _controllers.Connected;

    /// <summary>A command has come, or time has passed: nothing happens to the drive any more at an earlier time.</summary>
    internal void Reach(SimTime now)
    {
        if (_flash != null)
            _flash.Present = now;
    }

    public void Advance(SimTime now)
    {
        Reach(now);
        if (now >= _pages.NextEvent)
            _pages.Advance(now);
        CompleteDurable(now);
        if (LimitsWrites)
            HeldWrites.Advance(now);
        if (now >= Transfers.NextEvent)
            Transfers.Advance(now);
        if (now < _deadline)
            return;

        foreach (Controller controller in _controllers.Connected.ToArray())
            controller.CheckKeepAlive(now);
        Sanitize.Advance(now);
        SelfTest.Advance(now);
        InjectScheduled(now);
        WarmUp.Advance(now);
        Schedule();
    }

    public void Fault(SimTime now)
    {
        _faulted = true;
        Transfers.Abandon(now);
        foreach (Controller controller in _controllers.Connected.ToArray())
            controller.Fault(now);
    }

    public void Dispose()
    {
        Transfers.Dispose();
        _controllers.Dispose();
        Namespaces.Dispose();
        _copyStaging.Dispose();
        Checksums.Dispose();
        _pages.Dispose();
        if (_ownsMedium)
            _medium.Dispose();
    }

    private static FlashTranslationLayer MakeTranslation(FlashArray flash, DriveOptions options) => new(
        flash,
        options.CapacityBytes / FlashGeometry.PageBytes,
        options.ToPersistenceOptions(),
        options.Ftl);

    private RotatingDisk MakeDisk(RotatingDiskOptions? disk, DriveOptions options) => new(
        _medium,
        options.CapacityBytes / FlashGeometry.PageBytes,
        options.Timing == DriveTiming.Model && disk != null ? new DiskMechanics(disk, options.CapacityBytes) : null);

    /// <summary>A write that came over the link is outstanding there until it is done, and done no sooner than the link says.</summary>
    internal MediumResult EndOnLink(in MediumResult result) =>
        Link is { } link ? result with { Done = link.End(result.Done) } : result;

    /// <summary>Memory for the blocks of one Copy; at most <see cref="Controller.CopyBlocks"/> of the largest size.</summary>
    internal Span<byte> CopyStaging(int length) => _copyStaging.Slice(0, length);

    /// <summary>Finds when the next deadline is; called whenever one was added or has passed.</summary>
    internal void Schedule()
    {
        SimTime next = SimTime.Min(Sanitize.Due, SelfTest.Due);
        next = SimTime.Min(next, SimTime.Min(NextScheduledFault, WarmUp.Due));
        foreach (Controller controller in _controllers.Connected)
            next = SimTime.Min(next, controller.KeepAliveDeadline);
        _deadline = next;
    }
}
