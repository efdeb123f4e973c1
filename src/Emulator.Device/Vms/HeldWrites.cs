using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Writes of VMs that are held to a rate (feature D3h) and are carried out already, but answered later. Those of a VM
/// are answered in the order in which they came, on all its queues.
/// </summary>
internal sealed class HeldWrites(Drive drive)
{
    /// <summary>A queue of this length is there when the limit is set; one that has more commands outstanding makes it longer once.</summary>
    private const int AtFirst = 1024;

    private readonly record struct Held(Controller Controller, QueuePair Queue, SubmissionEntry Entry, CommandOutcome Outcome, SimTime Due);

    private sealed class Line(VmMonitor vm)
    {
        public VmMonitor Vm => vm;

        public Queue<Held> Commands { get; } = new(AtFirst);

        /// <summary>When the next is to be answered or the limit ends.</summary>
        public SimTime NextEvent => Commands.TryPeek(out Held held) ? SimTime.Min(held.Due, vm.WriteLimit.Ends) : vm.WriteLimit.Ends;
    }

    private readonly List<Line> _lines = [];

    public SimTime NextEvent
    {
        get
        {
            SimTime next = SimTime.Never;
            foreach (Line line in _lines)
                next = SimTime.Min(next, line.NextEvent);
            return next;
        }
    }

    /// <summary>Commands of a VM that wait for their answer.</summary>
    public int CountOf(VmMonitor vm) => Find(vm)?.Commands.Count ?? 0;

    /// <summary>Holds a VM that is a source to a rate, for a time.</summary>
    public void Limit(SimTime now, VmMonitor vm, ulong bytesPerSecond, SimDuration lease)
    {
        vm.WriteLimit.Set(now, bytesPerSecond, lease);
        if (Find(vm) == null)
            _lines.Add(new Line(vm));
        drive.LimitsWrites = true;
    }

    /// <summary>A VM is not held any more: everything of it that waits is answered.</summary>
    public void LetGo(SimTime now, VmMonitor vm)
    {
        vm.WriteLimit.Lift();
        if (Find(vm) is not { } line)
            return;
        while (line.Commands.TryDequeue(out Held held))
            Answer(now, vm, held);
        _lines.Remove(line);
        drive.LimitsWrites = _lines.Count > 0;
    }

    /// <summary>A host that wants to be rid of a command gets its answer at once.</summary>
    public void LetGo(SimTime now, QueuePair queue, ushort commandId)
    {
        foreach (Line line in _lines)
        {
            for (int count = line.Commands.Count; count > 0; count--)
            {
                Held held = line.Commands.Dequeue();
                if (held.Queue == queue && held.Entry.Cid == commandId)
                    Answer(now, line.Vm, held);
                else
                    line.Commands.Enqueue(held);
            }
        }
    }

    /// <summary>Holds a command of a VM that has a limit, and was carried out, until its turn.</summary>
    public void Hold(
        VmMonitor vm, Controller controller, QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome, SimTime due) =>
        Find(vm)!.Commands.Enqueue(new Held(controller, queue, entry, outcome, due));

    public void Advance(SimTime now)
    {
        for (int i = _lines.Count - 1; i >= 0; i--)
        {
            Line line = _lines[i];
            if (now >= line.Vm.WriteLimit.Ends)
                LetGo(now, line.Vm);
            while (line.Commands.TryPeek(out Held held) && now >= held.Due)
                Answer(now, line.Vm, line.Commands.Dequeue());
        }
    }

    private Line? Find(VmMonitor vm)
    {
        foreach (Line line in _lines)
        {
            if (line.Vm == vm)
                return line;
        }

        return null;
    }

    private static void Answer(SimTime now, VmMonitor vm, in Held held)
    {
        SimDuration time = SimTime.Max(now, held.Outcome.Due) - held.Outcome.Due;
        vm.WriteLimit.Answered(time);
        held.Controller.CompleteHeld(held.Queue, held.Entry, held.Outcome, time);
    }
}
