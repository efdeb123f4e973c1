using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// An I/O controller of the drive: what one host sees of it. Split by what is asked: I/O commands, Identify, features,
/// log pages and so on; every command path starts at the switch on the opcode in <see cref="ExecuteIo"/> or
/// <see cref="ExecuteAdmin"/>.
/// </summary>
public sealed partial class Controller : FabricsController
{
    private readonly Drive _drive;
    private readonly ControllerSlot _slot;
    private readonly bool _isManager;
    private readonly bool _isOwnManager;

    internal Controller(Drive drive, ControllerSlot slot)
        : base(slot.Id, slot.Host, drive.Options.MaxIoQueues)
    {
        _drive = drive;
        _slot = slot;
        _isManager = drive.Controllers.IsManager(slot.Host);
        _isOwnManager = drive.Controllers.MayManage(slot.Host, itself: true);
        FollowWriteCacheFeature();
    }

    public override int MaxTransferBytes => _drive.Options.MaxTransferBytes;

    public override int MaxQueueEntries => _drive.Options.MaxQueueEntries;

    private VmMonitor Vm => _slot.Vm;

    /// <summary>Namespaces attached to this controller, in ascending order of NSID.</summary>
    private IEnumerable<Namespace> ActiveNamespaces => _drive.Namespaces.All.Where(ns => ns.IsAttachedTo(Id));

    protected override ControllerCapabilities Capabilities => new()
    {
        Mqes = (ushort)(MaxQueueEntries - 1),
        Cqr = true,
        To = ReadyTimeoutHalfSeconds,
        Css = 1,
    };

    protected override SimTime OnShutdown(SimTime now) => _drive.FlushAll(now).Done;

    protected override void OnTerminated(SimTime now)
    {
        if (_slot.Current == this)
            _slot.Current = null;
        WasReset(now);
        _drive.Schedule();
    }
}
