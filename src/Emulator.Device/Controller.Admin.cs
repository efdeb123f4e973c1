using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Admin commands: the switch on the opcode.</summary>
public sealed partial class Controller
{
    private const uint BroadcastNsid = uint.MaxValue;

    protected override CommandOutcome ExecuteAdmin(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        _drive.Reach(now);
        if (_drive.IsSanitizing && !IsAllowedDuringSanitize(entry))
            return Failed(now, Status.SanitizeInProgress);
        if (_drive.HasSchemes && IsBarredByScheme(entry))
            return Failed(now, Status.MigrationBusy);
        CommandOutcome outcome = DispatchAdmin(now, entry, data);
        if (!outcome.IsSuccess || !_drive.IsPersistent || !ChangesMetadata(entry))
            return outcome;
        MediumResult kept = _drive.KeepMetadata(outcome.Due);
        return kept.IsSuccess
            ? CommandOutcome.Completed(kept.Done, outcome.Status, outcome.Dw0, outcome.Dw1)
            : Failed(kept);
    }

    /// <summary>What such a command changed is durable when it ends, if the medium is.</summary>
    private static bool ChangesMetadata(in SubmissionEntry entry) => (AdminOpcode)entry.Opcode switch
    {
        AdminOpcode.NamespaceManagement or AdminOpcode.NamespaceAttachment or AdminOpcode.FormatNvm => true,
        AdminOpcode.FirmwareCommit or AdminOpcode.Sanitize or AdminOpcode.Snapshot => true,
        AdminOpcode.SetFeatures => (entry.Cdw10 & SaveBit) != 0,
        _ => false,
    };

    private CommandOutcome DispatchAdmin(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        (AdminOpcode)entry.Opcode switch
        {
            AdminOpcode.GetLogPage => GetLogPage(now, entry, data),
            AdminOpcode.Identify => Identify(now, entry, data),
            AdminOpcode.Abort => Abort(now, entry),
            AdminOpcode.SetFeatures => SetFeatures(now, entry, data),
            AdminOpcode.GetFeatures => GetFeatures(now, entry, data),
            AdminOpcode.AsynchronousEventRequest => RequestAsyncEvent(now, entry.Cid),
            AdminOpcode.NamespaceManagement => ManageNamespaces(now, entry, data),
            AdminOpcode.FirmwareCommit => CommitFirmware(now, entry),
            AdminOpcode.FirmwareImageDownload => DownloadFirmware(now, entry, data),
            AdminOpcode.DeviceSelfTest => TestItself(now, entry),
            AdminOpcode.NamespaceAttachment => AttachNamespace(now, entry, data),
            AdminOpcode.KeepAlive => KeepAlive(now),
            AdminOpcode.DirectiveSend => SendDirective(now, entry),
            AdminOpcode.DirectiveReceive => ReceiveDirective(now, entry, data),
            AdminOpcode.FormatNvm => Format(now, entry),
            AdminOpcode.Sanitize => Sanitize(now, entry),
            AdminOpcode.GetLbaStatus => GetLbaStatus(now, entry, data),
            AdminOpcode.Snapshot => ManageSnapshots(now, entry),
            AdminOpcode.DirectTransferStart => StartDirectTransfer(now, entry, data),
            AdminOpcode.DirectTransferControl => ControlDirectTransfer(now, entry),
            AdminOpcode.ReadStoredPages => ReadStoredPages(now, entry, data),
            AdminOpcode.Fault => InjectFault(now, entry),
            _ => Failed(now, Status.InvalidOpcode),
        };

    /// <summary>
    /// A command ends with an error. Errors of the drive's own making will come again, so that Do Not Retry is set; those
    /// of the path or of the moment will not.
    /// </summary>
    private CommandOutcome Failed(SimTime now, Status status) =>
        CommandOutcome.Completed(now, MayPass(status) ? status : status.WithDoNotRetry());

    private CommandOutcome Ended(SimTime now, Status status) =>
        status.IsSuccess ? CommandOutcome.Success(now) : Failed(now, status);

    private static bool MayPass(Status status) =>
        status.StatusCodeType == StatusCodeType.Path
        || status == Status.SanitizeInProgress
        || status == Status.FormatInProgress
        || status == Status.MigrationBusy
        || status == Status.MigrationNotActive
        || status == Status.CommandInterrupted
        || status == Status.AbortedFailedFused;

    /// <summary>
    /// UUID Index of a command (Base 2.1, 8.1.27): 0, or for what belongs to the vendor command set the index of its UUID.
    /// </summary>
    private static bool IsUuidIndexValid(uint index, bool ofVendorCommandSet) =>
        index == 0 || (ofVendorCommandSet && index == VendorUuidIndex);

    protected override void OnReset(SimTime now)
    {
        ForgetHostSettings();
        ForgetLatchedPages();
        ForgetUpload();
        WasReset(now);
    }

    /// <summary>What every kind of controller level reset does, that by a lost association included (Base 2.1, 3.7.2).</summary>
    private void WasReset(SimTime now)
    {
        _errors.Clear();
        _eventContext = null;
        ForgetStreams();
        _drive.SelfTest.ControllerReset(now, Id);
        bool activated = _drive.Firmware.ControllerReset(Id);
        RecordReset(now, activated);
        _drive.Schedule();
    }
}
