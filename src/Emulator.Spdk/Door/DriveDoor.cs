using Emulator.Core;
using Emulator.Device;

namespace Emulator.Spdk;

/// <summary>
/// Drives behind SPDK's target. The thread of the application owns them: a command runs on it from SPDK's transport through the
/// drive and back. SPDK makes the controllers, numbers them and keeps their registers and keep-alive timers; everything else
/// is the drive's.
/// </summary>
public sealed partial class DriveDoor : ISpdkDevice, IDisposable
{
    /// <summary>The longest transfer at this door, in bytes; SPDK's default.</summary>
    public const int LongestTransferBytes = 128 * 1024;

    /// <summary>The most data that a capsule may carry at this door, in bytes; SPDK's default.</summary>
    public const int LongestInCapsuleBytes = 4096;

    private const int MostDeferred = 64 * 1024;

    private readonly PoweredDrive[] _drives;
    private readonly IReadOnlyList<SpdkListener> _listeners;
    private readonly ITargetObserver _observer;
    private readonly List<DoorQueue?> _queues = [];
    private readonly EventQueue<PendingCommand> _deferred = new(MostDeferred);
    private readonly Stack<PendingCommand> _spare = new();
    private SimTime _now;

    private DriveDoor(PoweredDrive[] drives, IReadOnlyList<SpdkListener> listeners, ITargetObserver observer)
    {
        _drives = drives;
        _listeners = listeners;
        _observer = observer;
    }

    /// <summary>The target; null while it is being made.</summary>
    internal SpdkTarget? Target { get; private set; }

    /// <summary>The time of the last call: when the target is gone, the next that the drives may see.</summary>
    public SimTime StoppedAt => _now;

    /// <summary>Serves drives until it is disposed. They belong to SPDK's thread meanwhile; others reach them by <see cref="Post"/>.</summary>
    /// <param name="name">One of a kind in the process.</param>
    /// <exception cref="SpdkException">They cannot be served; the message says why.</exception>
    public static DriveDoor Open(
        string name, IReadOnlyList<PoweredDrive> drives, IReadOnlyList<SpdkListener> listeners, ITargetObserver observer)
    {
        var door = new DriveDoor([.. drives], [.. listeners], observer);
        _ = SpdkTarget.Create(OptionsFor(name, drives, listeners), door);
        return door;
    }

    /// <summary>Has something done on the thread that owns the drives, between two commands.</summary>
    public void Post(Action<SimTime> action) => SpdkApplication.Post(() => action(_now));

    public void Dispose() => Target?.Dispose();

    void ISpdkDevice.Started(SpdkTarget target) => Target = target;

    bool ISpdkDevice.Poll(ulong now)
    {
        _now = new SimTime((long)now);
        bool active = false;
        while (_deferred.TryTake(_now, out PendingCommand pending))
        {
            End(pending);
            active = true;
        }

        foreach (PoweredDrive drive in _drives)
        {
            if (_now < drive.NextEvent)
                continue;
            drive.Advance(_now);
            active = true;
        }

        return active;
    }

    void ISpdkDevice.Fault(ulong now, Exception fault)
    {
        // Which drive it was the call does not say; none of those that share a thread is to be trusted after it.
        foreach (PoweredDrive drive in _drives)
        {
            _observer.FirmwareFault(drive.Nqn, fault);
            drive.Fault(new SimTime((long)now));
        }
    }

    private static SpdkTargetOptions OptionsFor(
        string name, IReadOnlyList<PoweredDrive> drives, IReadOnlyList<SpdkListener> listeners) => new()
        {
            Name = name,
            Listeners = listeners,
            Subsystems = [.. drives.Select(drive => OptionsFor(drive.Drive))],
            MaxTransferBytes = Math.Min(LongestTransferBytes, drives.Min(drive => drive.MaxTransferBytes)),
            InCapsuleDataBytes = Math.Min(LongestInCapsuleBytes, drives.Min(drive => drive.InCapsuleDataBytes)),
            MaxQueueEntries = drives.Min(drive => drive.Drive.Options.MaxQueueEntries),
            MaxIoQueues = drives.Min(drive => drive.Drive.Options.MaxIoQueues),
        };

    private static SpdkSubsystemOptions OptionsFor(Drive drive) => new()
    {
        Nqn = drive.Nqn,
        Serial = drive.Options.SerialNumber,
        Model = drive.Options.ModelNumber,
        FirstControllerId = drive.Options.FirstControllerId,
        LastControllerId = drive.Options.LastControllerId,
        Namespaces = [.. drive.Namespaces.All.Select(OptionsFor)],
    };

    private static SpdkNamespaceOptions OptionsFor(Namespace ns) => new()
    {
        Nsid = ns.Nsid,
        Blocks = ns.BlockCount,
        BlockBytes = 1 << ns.BlockShift,
        Nguid = ns.Identity.Nguid.ToArray(),
        Eui64 = ns.Identity.Eui64.ToArray(),
        Uuid = ns.Identity.Uuid.ToArray(),
    };
}
