using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// LID 05h (Base 2.1, 5.1.12.1.6): commands that every controller of a drive has. Linux rescans namespaces before it
/// answers a command that may change their number, and freezes all I/O around one that has an execution restriction: so
/// the first is said where it holds and the second of none.
/// </summary>
internal static class CommandTable
{
    private const CommandEffects Controller = CommandEffects.Supported | CommandEffects.ControllerScope;
    private const CommandEffects Subsystem = CommandEffects.Supported | CommandEffects.NvmSubsystemScope;
    private const CommandEffects Reads = CommandEffects.Supported | CommandEffects.NamespaceScope;
    private const CommandEffects Writes = Reads | CommandEffects.LogicalBlockContentChange;

    private static readonly Dictionary<AdminOpcode, CommandEffects> Admin = new()
    {
        [AdminOpcode.GetLogPage] = Subsystem | CommandEffects.UuidSelection,
        [AdminOpcode.Identify] = Subsystem | CommandEffects.UuidSelection,
        [AdminOpcode.Abort] = Controller,
        [AdminOpcode.SetFeatures] = Subsystem | CommandEffects.UuidSelection,
        [AdminOpcode.GetFeatures] = Subsystem | CommandEffects.UuidSelection,
        [AdminOpcode.AsynchronousEventRequest] = Controller,
        [AdminOpcode.KeepAlive] = Controller,
    };

    private static readonly Dictionary<IoOpcode, CommandEffects> Io = new()
    {
        [IoOpcode.Flush] = Reads,
        [IoOpcode.Write] = Writes,
        [IoOpcode.Read] = Reads,
        [IoOpcode.WriteUncorrectable] = Writes,
        [IoOpcode.Compare] = Reads,
        [IoOpcode.WriteZeroes] = Writes,
        [IoOpcode.DatasetManagement] = Writes,
        [IoOpcode.Verify] = Reads,
        [IoOpcode.Copy] = Writes,
        [IoOpcode.ReservationRegister] = Reads,
        [IoOpcode.ReservationReport] = Reads,
        [IoOpcode.ReservationAcquire] = Reads,
        [IoOpcode.ReservationRelease] = Reads,
    };

    public static CommandsSupportedAndEffects Report()
    {
        CommandsSupportedAndEffects report = default;
        foreach ((AdminOpcode opcode, CommandEffects effects) in Admin)
            report.Acs[(byte)opcode] = (uint)effects;
        foreach ((IoOpcode opcode, CommandEffects effects) in Io)
            report.Iocs[(byte)opcode] = (uint)effects;
        return report;
    }
}
