using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// The discovery service (Base 2.1, 3.1.3.3.1): tells hosts which subsystems are behind which addresses. Each connection
/// has a controller of its own. Like a drive it belongs to one thread, and <see cref="Publish"/> is called on that.
/// </summary>
public sealed class DiscoverySubsystem : ISubsystem
{
    public const string WellKnownNqn = "nqn.2014-08.org.nvmexpress.discovery";

    /// <summary>Hosts that may be connected at once: what one host takes is bounded, and so is their number.</summary>
    public const int MostControllers = 64;

    private readonly DiscoveryController?[] _controllers = new DiscoveryController?[MostControllers];
    private bool _faulted;

    public DiscoverySubsystem(IReadOnlyList<DiscoveryEntry> entries) => Entries = entries;

    public string Nqn => WellKnownNqn;

    public int MaxTransferBytes => DiscoveryController.TransferBytes;

    public int InCapsuleDataBytes => 0;

    public IReadOnlyList<DiscoveryEntry> Entries { get; private set; }

    /// <summary>GENCTR: counts changes of <see cref="Entries"/>.</summary>
    public ulong Generation { get; private set; } = 1;

    public SimTime NextEvent { get; private set; } = SimTime.Never;

    private IEnumerable<DiscoveryController> Connected => _controllers.OfType<DiscoveryController>();

    /// <summary>Replaces what hosts are told, and notifies those that asked for it.</summary>
    public void Publish(IReadOnlyList<DiscoveryEntry> entries)
    {
        if (entries.SequenceEqual(Entries))
            return;
        Entries = entries;
        Generation++;
        foreach (DiscoveryController controller in Connected)
            controller.ReportChange();
    }

    public ConnectOutcome Connect(SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint)
    {
        if (ConnectRules.Problem(command, data, ConnectRules.AdminQueueEntries) is { } refused)
            return refused;
        if (_faulted)
            return ConnectOutcome.Refused(Status.InternalError);
        if (command.Qid != 0)
            return ConnectOutcome.InvalidParameter(ConnectRules.QidOffset, inData: false);
        if (data.Cntlid != ConnectData.AnyDynamicController)
            return ConnectOutcome.InvalidParameter(ConnectRules.CntlidOffset, inData: true);

        int free = Array.IndexOf(_controllers, null);
        if (free < 0)
            return ConnectOutcome.Refused(Status.ConnectControllerBusy);
        var controller = new DiscoveryController(this, (ushort)(free + 1), ConnectRules.HostOf(data));
        _controllers[free] = controller;
        ConnectOutcome outcome = controller.AddQueue(command, endpoint);
        controller.SetActivityTimeout(now, command.Kato);
        Schedule();
        return outcome;
    }

    public void Advance(SimTime now)
    {
        if (now < NextEvent)
            return;
        foreach (DiscoveryController controller in Connected)
            controller.CheckKeepAlive(now);
        Schedule();
    }

    public void Fault(SimTime now)
    {
        _faulted = true;
        foreach (DiscoveryController controller in Connected)
            controller.Fault(now);
    }

    internal void Remove(DiscoveryController controller)
    {
        int index = Array.IndexOf(_controllers, controller);
        if (index >= 0)
            _controllers[index] = null;
        Schedule();
    }

    internal void Schedule()
    {
        SimTime next = SimTime.Never;
        foreach (DiscoveryController controller in Connected)
            next = SimTime.Min(next, controller.KeepAliveDeadline);
        NextEvent = next;
    }
}
