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
        var endpoint = new DoorQueue(this, connect.Connection, connect.Peer);
        ConnectCommand command = connect.Command;
        // SPDK keeps the keep-alive timer; that of the drive would run beside it.
        command.Kato = 0;
        ConnectOutcome outcome = command.Qid == 0
            ? drive.ConnectAssigned(_now, command, connect.Data, endpoint, connect.ControllerId)
            : drive.Connect(_now, command, connect.Data, endpoint);
        if (outcome.Queue is not { } connected)
        {
            string host = Encoding.UTF8.GetString(TextField.Terminated(connect.Data.Hostnqn));
            _observer.ConnectRefused(endpoint.Peer, nqn, host, outcome.Status);
            return new SpdkOutcome(outcome.Status, outcome.Dw0);
        }

        endpoint.Queue = connected;
        queue = (ulong)Place(endpoint) + 1;
        _observer.QueueConnected(endpoint.Peer, connected, nqn);
        return new SpdkOutcome(Status.Success);
    }

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
