using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The Connect command at an NVM subsystem (Base 2.1, 6.3), in the dynamic controller model.</summary>
public sealed partial class Drive
{
    public ConnectOutcome Connect(SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint) =>
        Connect(now, command, data, endpoint, assignedId: null);

    /// <summary>
    /// The number that <see cref="Connect(SimTime, in ConnectCommand, in ConnectData, IQueueEndpoint)"/> would give to the
    /// controller of a host; null if none is free.
    /// </summary>
    public ushort? NumberFor(in ConnectData data) => _controllers.NumberFor(ConnectRules.HostOf(data));

    /// <summary>
    /// The same at a front door that makes controllers itself and has numbered this one: the host's controller takes
    /// <paramref name="assignedId"/>, and its VM and namespaces go with it.
    /// </summary>
    public ConnectOutcome ConnectAssigned(
        SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint, ushort assignedId) =>
        Connect(now, command, data, endpoint, assignedId);

    private ConnectOutcome Connect(
        SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint, ushort? assignedId)
    {
        if (ConnectRules.Problem(command, data, Options.MaxQueueEntries) is { } refused)
            return refused;

        if (_faulted)
            return ConnectOutcome.Refused(Status.InternalError);

        HostIdentity host = ConnectRules.HostOf(data);
        if (Options.AllowedHosts.Count > 0 && !IsKnownHost(host.Nqn))
            return ConnectOutcome.Refused(Status.ConnectInvalidHost.WithDoNotRetry());

        return command.Qid == 0
            ? ConnectAdminQueue(now, command, data, host, endpoint, assignedId)
            : ConnectIoQueue(command, data, host, endpoint);
    }

    private bool IsKnownHost(string hostNqn) =>
        Options.AllowedHosts.Contains(hostNqn) || Options.Managers.Contains(hostNqn);

    private ConnectOutcome ConnectAdminQueue(
        SimTime now, in ConnectCommand command, in ConnectData data, HostIdentity host, IQueueEndpoint endpoint, ushort? assignedId)
    {
        if (data.Cntlid != ConnectData.AnyDynamicController)
            return ConnectOutcome.InvalidParameter(ConnectRules.CntlidOffset, inData: true);
        ControllerSlot? reserved = assignedId is { } id ? _controllers.ReserveAs(now, host, id) : _controllers.Reserve(now, host);
        if (reserved is not { } slot)
            return ConnectOutcome.Refused(Status.ConnectControllerBusy);
        bool isNew = slot.IsNew;
        if (isNew)
            Namespaces.AttachConfigured(slot);
        if (isNew || assignedId != null)
            MetadataChanged();

        var controller = new Controller(this, slot);
        ConnectOutcome outcome = controller.AddQueue(command, endpoint);
        if (outcome.Status.IsSuccess)
        {
            slot.Current = controller;
            if (slot.Awaiting != null)
                controller.TakeOver(slot.Awaiting);
            slot.Awaiting = null;
            controller.SetKeepAliveTimeout(now, command.Kato);
            if (slot.Vm.IsHalted)
                controller.HoldKeepAlive(now);
            Schedule();
        }

        return outcome;
    }

    private ConnectOutcome ConnectIoQueue(
        in ConnectCommand command, in ConnectData data, HostIdentity host, IQueueEndpoint endpoint)
    {
        Controller? controller = _controllers.Find(data.Cntlid)?.Current;
        if (controller == null || controller.Host != host)
            return ConnectOutcome.InvalidParameter(ConnectRules.CntlidOffset, inData: true);
        return controller.AddQueue(command, endpoint);
    }
}
