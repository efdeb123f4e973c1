using Emulator.Core;
using Emulator.Flash.Faults;
using Emulator.Ftl.Persistence;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Faults that somebody asks for, by configuration or by the Fault command.</summary>
public sealed partial class Drive
{
    private const uint NominalSpeedPercent = 100;
    private const uint SlowestPercent = 100_000;

    private int _nextFault;

    /// <summary>When the power is to be cut; whoever owns the drive cuts it then (<see cref="PoweredDrive"/>).</summary>
    public SimTime PowerCutDue { get; private set; } = SimTime.Never;

    private SimTime NextScheduledFault =>
        _nextFault < Options.Faults.Count ? Options.Faults[_nextFault].At : SimTime.Never;

    /// <summary>What the configuration asks for. What cannot fail so, or not any more, does not.</summary>
    private void InjectScheduled(SimTime now)
    {
        for (; NextScheduledFault <= now; _nextFault++)
        {
            ScheduledFault fault = Options.Faults[_nextFault];
            if (fault.Command.Kind != FaultKind.MediaError)
                Inject(fault.At, fault.Command);
            else if (Namespaces.Find(fault.Nsid) is { } ns && ns.Contains(fault.Command.Place, fault.Command.Value))
                ns.Damage(now, new BlockRange(fault.Command.Place, fault.Command.Value));
        }
    }

    /// <summary>The last of a drive whose power was cut: its hosts lose their connections, and it serves nobody any more.</summary>
    internal void LosePower(SimTime now)
    {
        _faulted = true;
        Transfers.Abandon(now);
        foreach (Controller controller in _controllers.Connected.ToArray())
            controller.Terminate(now, CloseReason.PowerLost);
    }

    /// <summary>Carries out what a Fault command asks for, but for a media error, which is about a namespace.</summary>
    /// <returns>Success, or Invalid Field if this drive has nothing that could fail so.</returns>
    internal Status Inject(SimTime now, in FaultCommand command)
    {
        bool clear = command.Action == FaultAction.Clear;
        if (clear && (command.Count != 0 || command.Place != 0 || command.Value != 0))
            return Status.InvalidField;
        return command.Kind switch
        {
            FaultKind.PowerCut => SchedulePowerCut(now, command, clear),
            FaultKind.SlowDie => SlowDown(command, clear),
            FaultKind.ProgramFailure or FaultKind.EraseFailure => FailOperations(command, clear),
            FaultKind.LostCheckpoint or FaultKind.TornCheckpoint => SpoilCheckpoint(command, clear),
            _ => Status.InvalidField,
        };
    }

    private Status SchedulePowerCut(SimTime now, in FaultCommand command, bool clear)
    {
        if (command.Count != 0 || command.Place != 0 || !IsPersistent)
            return Status.InvalidField;
        PowerCutDue = clear ? SimTime.Never : now + SimDuration.FromMicroseconds(command.Value);
        Schedule();
        return Status.Success;
    }

    private Status SlowDown(in FaultCommand command, bool clear)
    {
        if (_flash?.Physics?.Timing is not { } timing)
            return Status.InvalidField;
        for (int die = 0; clear && die < timing.DieCount; die++)
            timing.SlowDown(die, 1);
        if (clear)
            return Status.Success;

        if (command.Place >= (uint)timing.DieCount || command.Count != 0
            || command.Value is < NominalSpeedPercent or > SlowestPercent)
            return Status.InvalidField;
        timing.SlowDown((int)command.Place, command.Value / (double)NominalSpeedPercent);
        return Status.Success;
    }

    private Status FailOperations(in FaultCommand command, bool clear)
    {
        if (_flash == null || command.Value != 0)
            return Status.InvalidField;
        if (!clear && command.Place != FaultCommand.AnyDie && command.Place >= (uint)_flash.Geometry.DieCount)
            return Status.InvalidField;

        int die = command.Place == FaultCommand.AnyDie ? InjectedFaults.AnyDie : (int)command.Place;
        switch (command.Kind)
        {
            case FaultKind.ProgramFailure when clear:
                _flash.Faults.ClearPrograms();
                break;
            case FaultKind.ProgramFailure:
                _flash.Faults.FailPrograms(die, command.Count);
                break;
            case FaultKind.EraseFailure when clear:
                _flash.Faults.ClearErases();
                break;
            default:
                _flash.Faults.FailErases(die, command.Count);
                break;
        }

        return Status.Success;
    }

    private Status SpoilCheckpoint(in FaultCommand command, bool clear)
    {
        if (!IsPersistent || command.Place != 0 || command.Value != 0 || command.Count != (clear ? 0 : 1))
            return Status.InvalidField;
        SystemAreaFault fault = command.Kind == FaultKind.LostCheckpoint ? SystemAreaFault.Lost : SystemAreaFault.Torn;
        Inject(clear ? SystemAreaFault.None : fault, SystemWrite.CheckpointHeader);
        return Status.Success;
    }
}
