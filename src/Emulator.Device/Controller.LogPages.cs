using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Get Log Page (Base 2.1, 5.1.12): guards, and the switch on the page.</summary>
public sealed partial class Controller
{
    private const LogPageAttributes OfferedLogAttributes =
        LogPageAttributes.CommandsSupportedAndEffects
        | LogPageAttributes.ExtendedData
        | LogPageAttributes.PersistentEvent
        | LogPageAttributes.MiscellaneousPages;

    private readonly ErrorLog _errors = new();

    /// <summary>Command Specific Information for the error that is about to be recorded.</summary>
    private ulong _errorInformation;

    private CommandOutcome GetLogPage(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        var request = new LogPageRequest(entry);
        if (!LogPageTable.Contains(request.LogPage))
            return Failed(now, Status.InvalidLogPage);
        Status status = RequestProblem(request, data.Length);
        if (!status.IsSuccess)
            return Failed(now, status);

        Span<byte> wanted = data[..(int)request.Length];
        data[wanted.Length..].Clear();
        CommandOutcome outcome = LogPageTable.IsVendor(request.LogPage)
            ? GetVmMigrationLog(now, request, wanted)
            : ReadLogPage(now, request, wanted);
        if (outcome.IsSuccess && !request.RetainsEvents)
            AcknowledgeLogPage(request.LogPage);
        return outcome;
    }

    private Status RequestProblem(in LogPageRequest request, int dataLength)
    {
        bool isVendor = LogPageTable.IsVendor(request.LogPage);
        if (request.HasReservedBits || request.IsIndexed || request.Offset % 4 != 0)
            return Status.InvalidField;
        if (!IsUuidIndexValid(request.UuidIndex, isVendor))
            return Status.InvalidField;

        // Checksums are those of a namespace of the target, whether this controller has it or not.
        bool isWhole = request.Nsid is 0 or BroadcastNsid || request.LogPage == LogPageId.RangeChecksums;
        if (!isWhole && !(isVendor && FindActive(request.Nsid) != null))
            return IsNsidValid(request.Nsid) ? Status.InvalidField : Status.InvalidNamespaceOrFormat;
        return request.Length <= (uint)dataLength ? Status.Success : Status.DataSglLengthInvalid;
    }

    private CommandOutcome ReadLogPage(SimTime now, in LogPageRequest request, Span<byte> wanted)
    {
        var page = new LogPageReader(wanted, request.Offset);
        Status status = WriteLogPage(now, request, ref page);
        if (status.IsSuccess && request.Offset > page.Length)
            status = Status.InvalidField;
        return Ended(now, status);
    }

    private Status WriteLogPage(SimTime now, in LogPageRequest request, ref LogPageReader page)
    {
        switch (request.LogPage)
        {
            case LogPageId.SupportedLogPages:
                page.Append(LogPageTable.Report());
                return Status.Success;
            case LogPageId.ErrorInformation:
                _errors.WriteTo(ref page);
                return Status.Success;
            case LogPageId.SmartHealth:
                page.Append(HealthReport(now));
                return Status.Success;
            case LogPageId.FirmwareSlotInformation:
                page.Append(_drive.Firmware.Report());
                return Status.Success;
            case LogPageId.ChangedAttachedNamespaceList:
                WriteChangedNamespaces(ref page);
                return Status.Success;
            case LogPageId.CommandsSupportedAndEffects:
                page.Append(CommandTable.Report(MayAdminister));
                return Status.Success;
            case LogPageId.DeviceSelfTest:
                page.Append(_drive.SelfTest.Report());
                return Status.Success;
            case LogPageId.AsymmetricNamespaceAccess:
                WriteAnaLog(request.Specific, ref page);
                return Status.Success;
            case LogPageId.ReservationNotification:
                WriteReservationNotification(request.Offset, ref page);
                return Status.Success;
            case LogPageId.PersistentEvent:
                return WriteEventLog(now, request.Specific, ref page);
            case LogPageId.FeatureIdentifiersSupportedAndEffects:
                page.Append(FeatureEffectsReport());
                return Status.Success;
            case LogPageId.NvmeMiCommandsSupportedAndEffects:
                page.Skip(NvmeMiEffectsBytes);
                return Status.Success;
            case LogPageId.SanitizeStatus:
                page.Append(_drive.Sanitize.Status());
                return Status.Success;
            default:
                return Status.InvalidLogPage;
        }
    }

    /// <summary>LID 13h: there is no management interface, so that every entry says "not supported".</summary>
    private const int NvmeMiEffectsBytes = 4096;

    private void AcknowledgeLogPage(LogPageId logPage)
    {
        if (logPage == LogPageId.ChangedAttachedNamespaceList)
            _changedNamespaces.Clear();
        ClearEvents(logPage);
    }

    /// <summary>LID 12h (Base 2.1, 5.1.12.1.18).</summary>
    private FeatureIdEffects FeatureEffectsReport()
    {
        FeatureIdEffects report = default;
        foreach ((FeatureId feature, FeatureTraits traits) in FeatureTable.All)
        {
            if (TryFindFeature(feature, out _))
                report.Fids[(byte)feature] = (uint)traits.Effects;
        }

        return report;
    }

    /// <summary>Records every error, but one of the path: that is not about the command.</summary>
    protected override void OnFailed(SimTime now, QueuePair queue, in SubmissionEntry entry, Status status)
    {
        if (status.StatusCodeType != StatusCodeType.Path)
            _errors.Record(++_drive.Health.ErrorLogEntries + _slot.HealthOffset.ErrorLogEntries, queue.Id, entry, status, _errorInformation);
        _errorInformation = 0;
    }
}
