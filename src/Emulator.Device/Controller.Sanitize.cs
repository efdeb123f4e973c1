using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Sanitize (Base 2.1, 5.1.22), and what may be done while one is under way (Base 2.1, figure 143).</summary>
public sealed partial class Controller
{
    private CommandOutcome Sanitize(SimTime now, in SubmissionEntry entry)
    {
        const uint reserved = 0xFFFF_F800;
        const uint enterMediaVerification = 1u << 10;
        const uint noDeallocate = 1u << 9;
        if (!MayAdminister)
            return Failed(now, Status.InvalidOpcode);
        if (ActiveNamespaces.Any(IsReservedAgainstHost))
            return Failed(now, Status.ReservationConflict);

        var action = (SanitizeAction)(entry.Cdw10 & 7);
        bool starts = action is SanitizeAction.BlockErase or SanitizeAction.Overwrite;
        if ((entry.Cdw10 & reserved) != 0 || (!starts && action != SanitizeAction.ExitFailureMode))
            return Failed(now, Status.InvalidField);
        if (_drive.Firmware.IsActivationPending)
            return Failed(now, Status.FirmwareNeedsControllerLevelReset);
        if (!starts)
            return CommandOutcome.Success(now);

        bool refusesNoDeallocate = StoredFeature(FeatureId.SanitizeConfig, FeatureSelect.Current, nsid: 0) == 0;
        if ((entry.Cdw10 & enterMediaVerification) != 0
            || ((entry.Cdw10 & noDeallocate) != 0 && refusesNoDeallocate))
            return Failed(now, Status.InvalidField);

        if (!_drive.Namespaces.All.All(ns => _drive.Snapshots.DeleteAll(now, ns)))
            return Failed(new MediumResult(now, MediumStatus.WriteFault));
        _drive.SelfTest.SanitizeStarted(now);
        _drive.Events.Record(now, Id, PersistentEventType.SanitizeStart, new SanitizeStartEvent
        {
            Sanicap = (uint)SanitizeOperation.Capabilities,
            Scdw10 = entry.Cdw10,
            Scdw11 = entry.Cdw11,
        });
        _drive.Sanitize.Start(now, entry.Cdw10, entry.Cdw11);
        return CommandOutcome.Success(now);
    }

    private static bool IsAllowedDuringSanitize(in SubmissionEntry entry) => (AdminOpcode)entry.Opcode switch
    {
        AdminOpcode.Abort
            or AdminOpcode.AsynchronousEventRequest
            or AdminOpcode.GetFeatures
            or AdminOpcode.Identify
            or AdminOpcode.KeepAlive
            or AdminOpcode.SetFeatures => true,
        AdminOpcode.GetLogPage => (LogPageId)(byte)entry.Cdw10
            is LogPageId.ErrorInformation
            or LogPageId.SmartHealth
            or LogPageId.ChangedAttachedNamespaceList
            or LogPageId.ReservationNotification
            or LogPageId.AsymmetricNamespaceAccess
            or LogPageId.SanitizeStatus,
        _ => false,
    };
}
