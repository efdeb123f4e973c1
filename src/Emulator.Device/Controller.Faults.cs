using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Fault, CCh of the vendor command set: something goes wrong because a manager asks for it.</summary>
public sealed partial class Controller
{
    /// <returns>With success of a media error, dword 0 is the number of pages of 4 KiB that were damaged.</returns>
    private CommandOutcome InjectFault(SimTime now, in SubmissionEntry entry)
    {
        if (!MayAdminister)
            return Failed(now, Status.InvalidOpcode);
        var command = FaultCommand.From(entry);
        if (command.Action > FaultAction.Clear || entry.Cdw14 != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);
        if (command is { Action: FaultAction.Inject, Kind: FaultKind.MediaError })
            return DamageBlocks(now, entry.Nsid, command);

        return Ended(now, _drive.Inject(now, command));
    }

    private CommandOutcome DamageBlocks(SimTime now, uint nsid, in FaultCommand command)
    {
        if (FindVisible(nsid) is not { } ns)
            return Failed(now, NamespaceProblem(nsid));
        if (command.Count != 0 || command.Value == 0)
            return Failed(now, Status.InvalidField);
        if (!ns.Contains(command.Place, command.Value))
            return Failed(now, Status.LbaOutOfRange);
        return CommandOutcome.Success(now, ns.Damage(now, new BlockRange(command.Place, command.Value)));
    }
}
