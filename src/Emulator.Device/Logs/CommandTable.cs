using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// LID 05h (Base 2.1, 5.1.12.1.6): the commands that a controller has. Linux rescans namespaces before it
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
        [AdminOpcode.DeviceSelfTest] = Subsystem,
        [AdminOpcode.KeepAlive] = Controller,
        [AdminOpcode.DirectiveSend] = Reads,
        [AdminOpcode.DirectiveReceive] = Reads,
        [AdminOpcode.FormatNvm] = Writes | CommandEffects.NamespaceCapabilityChange,
        [AdminOpcode.GetLbaStatus] = Reads,
        [AdminOpcode.Snapshot] = Writes,
        [AdminOpcode.ReadStoredPages] = Reads,
        [AdminOpcode.DirectTransferStart] = Controller,
        [AdminOpcode.DirectTransferControl] = Controller,
    };

    /// <summary>Commands that only those hosts have that may administer the drive.</summary>
    private static readonly Dictionary<AdminOpcode, CommandEffects> Administration = new()
    {
        [AdminOpcode.NamespaceManagement] = Subsystem | CommandEffects.NamespaceInventoryChange,
        [AdminOpcode.FirmwareCommit] = Subsystem,
        [AdminOpcode.FirmwareImageDownload] = Subsystem,
        [AdminOpcode.NamespaceAttachment] = Subsystem | CommandEffects.NamespaceInventoryChange,
        [AdminOpcode.Sanitize] = Subsystem | CommandEffects.LogicalBlockContentChange,
        [AdminOpcode.Fault] = Subsystem,
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
        [IoOpcode.WriteStoredPages] = Writes,
    };

    public static CommandsSupportedAndEffects Report(bool mayAdminister)
    {
        CommandsSupportedAndEffects report = default;
        foreach ((AdminOpcode opcode, CommandEffects effects) in Admin)
            report.Acs[(byte)opcode] = (uint)effects;
        if (mayAdminister)
        {
            foreach ((AdminOpcode opcode, CommandEffects effects) in Administration)
                report.Acs[(byte)opcode] = (uint)effects;
        }

        foreach ((IoOpcode opcode, CommandEffects effects) in Io)
            report.Iocs[(byte)opcode] = (uint)effects;
        return report;
    }
}
