using System.Security.Cryptography;
using System.Text;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Captures the storage state of a VM (specs/state-container.md): all of it at one moment, whether the VM runs or is
/// fenced. Split by section.
/// </summary>
internal sealed partial class StateCapture
{
    private readonly Drive _drive;
    private readonly SimTime _now;
    private readonly VmTarget _target;
    private readonly StateWriter _writer;
    private readonly Namespace[] _namespaces;

    private StateCapture(Drive drive, SimTime now, VmTarget target, StateWriter writer)
    {
        _drive = drive;
        _now = now;
        _target = target;
        _writer = writer;
        _namespaces = [.. drive.Namespaces.All.Where(ns => ns.IsAttachedTo(target.Slot.Id))];
    }

    /// <summary>The VM became a source: what changes from now on is a delta, until a whole state is read.</summary>
    public static void Start(Drive drive, SimTime now, VmTarget target) =>
        Whole(drive, now, target, StateSections.All, new StateWriter());

    /// <summary>Writes the whole state, log page D1h; while the VM is a source it becomes what deltas are against.</summary>
    /// <returns>Success, or Limit Reached if there is too much of it.</returns>
    public static Status Whole(Drive drive, SimTime now, VmTarget target, StateSections sections, StateWriter writer)
    {
        VmMonitor vm = target.Vm;
        var baseline = new StateBaseline(vm.NextStateGeneration(drive.Health.PowerCycles), sections);
        writer.Begin(against: null, vm.IsSource ? baseline : null);
        new StateCapture(drive, now, target, writer).Write(sections);
        if (writer.IsTooLong)
            return Status.LimitReached;
        writer.Finish(baseline.Generation, target.Id, DeviceOf(drive));
        vm.RememberState(baseline);
        return Status.Success;
    }

    /// <summary>Writes what changed since the last whole state, log page D2h. The VM is a source.</summary>
    /// <returns>Success, or Limit Reached if there is too much of it.</returns>
    public static Status Delta(Drive drive, SimTime now, VmTarget target, StateSections sections, StateWriter writer)
    {
        VmMonitor vm = target.Vm;
        Check.That(vm.Baseline != null);
        writer.Begin(vm.Baseline, recorded: null);
        new StateCapture(drive, now, target, writer).Write(sections);
        if (writer.IsTooLong)
            return Status.LimitReached;
        writer.Finish(vm.NextStateGeneration(drive.Health.PowerCycles), target.Id, DeviceOf(drive));
        return Status.Success;
    }

    /// <summary>A UUID of version 8 (RFC 9562, 5.8) that no other drive of the subsystem has: their identifiers are disjoint.</summary>
    public static byte[] DeviceOf(Drive drive)
    {
        string name = $"device\n{drive.Nqn}\n{drive.Options.SerialNumber}\n{drive.Options.FirstControllerId}";
        byte[] uuid = SHA256.HashData(Encoding.UTF8.GetBytes(name))[..16];
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x80);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        return uuid;
    }

    private void Write(StateSections sections)
    {
        if ((sections & StateSections.Transport) != 0)
            WriteTransport();
        if ((sections & StateSections.Interface) != 0)
            WriteInterface();
        if ((sections & StateSections.IoActivity) != 0)
            _target.Vm.WriteActivity(_writer);
        if ((sections & StateSections.Translation) != 0)
            WriteTranslation();
    }

    private void WriteTransport()
    {
        Controller? controller = _target.Slot.Current;
        DriveOptions options = _drive.Options;
        DoorSettings? door = controller?.DoorSettings;
        _writer.BeginSection(StateSectionType.Transport);
        _writer.Attribute(TransportAttribute.Limits, 0, new TransportLimits
        {
            KeepAliveMilliseconds = door?.KeepAliveMilliseconds ?? controller?.KeepAliveMilliseconds ?? 0,
            GrantedIoQueues = door?.IoQueues ?? (ushort)(controller?.AskedIoQueues ?? 0),
            MaxIoQueues = (ushort)options.MaxIoQueues,
            MaxQueueEntries = (uint)options.MaxQueueEntries,
            InCapsuleBytes = (uint)options.InCapsuleDataBytes,
            MaxTransferBytes = (uint)(door?.MaxTransferBytes ?? options.MaxTransferBytes),
        });
        foreach (QueuePair queue in controller?.Queues ?? [])
        {
            TransportQueueState state = queue.Endpoint.Connection;
            state.QueueId = queue.Id;
            state.Entries = (ushort)queue.Entries;
            state.Flags |= queue.HasFlowControl ? TransportQueueState.FlowControl : (byte)0;
            _writer.Attribute(TransportAttribute.Queue, queue.Id, state);
        }

        _writer.EndSection();
    }
}
