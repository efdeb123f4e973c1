using System.Text;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>Queues come and go. SPDK has connected a queue before the drive is asked, which may still refuse it.</summary>
public sealed partial class DriveDoor
{
    SpdkOutcome ISpdkDevice.Connect(ulong now, in SpdkConnect connect, out ulong queue)
    {
        queue = 0;
        _now = new SimTime((long)now);
        string nqn = connect.Subsystem;
        PoweredDrive drive = Array.Find(_drives, drive => drive.Nqn == nqn)!;
        var endpoint = new DoorQueue(this, connect.Connection, connect.Peer, connect.Transport);
        ConnectCommand command = connect.Command;
        // SPDK keeps the keep-alive timer; that of the drive would run beside it.
        command.Kato = 0;
        ConnectData data = DataOf(connect);
        ConnectOutcome outcome = command.Qid == 0
            ? drive.ConnectAssigned(_now, command, data, endpoint, NumberFor(drive, connect, data))
            : drive.Connect(_now, command, data, endpoint);
        if (outcome.Queue is not { } connected)
        {
            string host = Encoding.UTF8.GetString(TextField.Terminated(data.Hostnqn));
            _observer.ConnectRefused(endpoint.Peer, nqn, host, outcome.Status);
            return new SpdkOutcome(outcome.Status, outcome.Dw0);
        }

        endpoint.Queue = connected;
        queue = (ulong)Place(endpoint) + 1;
        _observer.QueueConnected(endpoint.Peer, connected, nqn);
        return new SpdkOutcome(Status.Success, connected.Controller.Id);
    }

    /// <summary>
    /// What a host says of itself. A PCIe host says nothing: SPDK makes a Connect for it, with the number that it has made up,
    /// and the listener names the VM.
    /// </summary>
    private ConnectData DataOf(in SpdkConnect connect)
    {
        ConnectData data = connect.Data;
        if (connect.Transport != SpdkTransport.VfioUser)
            return data;
        string directory = connect.Listener;
        SpdkListener listener = _listeners.First(
            listener => listener.Transport == SpdkTransport.VfioUser && listener.Address == directory);
        Check.That(TextField.TryWriteTerminated(data.Hostnqn, listener.VmNqn));
        if (connect.Command.Qid == 0)
            data.Cntlid = ConnectData.AnyDynamicController;
        return data;
    }

    /// <summary>
    /// The number of a host's controller: the one that the drive has for the host, as long as SPDK has not made another
    /// controller of that number, else the one that SPDK has made up.
    /// </summary>
    private ushort NumberFor(PoweredDrive drive, in SpdkConnect connect, in ConnectData data) =>
        drive.NumberFor(data) is { } number && !Target!.HasController(drive.Nqn, number) ? number : connect.ControllerId;

    void ISpdkDevice.Disconnect(ulong now, ulong queue)
    {
        _now = new SimTime((long)now);
        DoorQueue endpoint = QueueOf(queue);
        _queues[(int)queue - 1] = null;
        // The library ends what is pending; the drive is not to answer it any more.
        foreach (PendingCommand pending in endpoint.Pending)
            pending.Request = 0;
        foreach (PendingCommand waiting in endpoint.Pending.Where(pending => !pending.IsDeferred))
            Recycle(waiting);
        endpoint.Pending.Clear();
        if (endpoint.Closed == null)
            endpoint.Queue!.Controller.Disconnect(_now, endpoint.Queue);
        _observer.ConnectionClosed(endpoint.Peer, endpoint.Queue, endpoint.Closed?.ToString() ?? "the connection was lost");
    }

    private DoorQueue QueueOf(ulong queue) => _queues[(int)queue - 1]!;

    private int Place(DoorQueue endpoint)
    {
        int free = _queues.IndexOf(null);
        if (free < 0)
        {
            _queues.Add(endpoint);
            return _queues.Count - 1;
        }

        _queues[free] = endpoint;
        return free;
    }
}
