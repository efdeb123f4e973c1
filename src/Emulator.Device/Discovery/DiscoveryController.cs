using System.Numerics;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// A discovery controller (Base 2.1, 3.1.3.3): no I/O queues, no namespaces, and of the admin commands those that a host
/// needs to read the Discovery log page and to hear of changes.
/// </summary>
public sealed class DiscoveryController : FabricsController
{
    internal const int TransferBytes = 128 * 1024;

    /// <summary>
    /// A host that sets no keep-alive timeout is gone after this long without a command: two minutes, as the
    /// specification suggests (Base 2.1, 3.9).
    /// </summary>
    private const uint IdleTimeoutMilliseconds = 120_000;

    private const int IdentifyBytes = 4096;

    private readonly DiscoverySubsystem _service;
    private bool _isPersistent;

    internal DiscoveryController(DiscoverySubsystem service, ushort id, HostIdentity host)
        : base(id, host, ioQueues: 0) => _service = service;

    public override int MaxTransferBytes => TransferBytes;

    public override int MaxQueueEntries => ConnectRules.AdminQueueEntries;

    protected override int GrantedIoQueues => 0;

    protected override AsyncEventNotices OfferedNotices => AsyncEventNotices.DiscoveryLogPageChange;

    protected override ControllerCapabilities Capabilities => new()
    {
        Mqes = ConnectRules.AdminQueueEntries - 1,
        Cqr = true,
        To = ReadyTimeoutHalfSeconds,
        Css = 1,
    };

    internal void SetActivityTimeout(SimTime now, uint milliseconds)
    {
        _isPersistent = milliseconds != 0;
        SetKeepAliveTimeout(now, _isPersistent ? milliseconds : IdleTimeoutMilliseconds);
        _service.Schedule();
    }

    internal void ReportChange() =>
        Raise(new AsyncEventResult(
            AsyncEventType.Notice, (byte)AsyncNotice.DiscoveryLogPageChange, LogPageId.Discovery));

    protected override CommandOutcome ExecuteAdmin(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        if (!_isPersistent)
            KeepAlive(now);
        return (AdminOpcode)entry.Opcode switch
        {
            AdminOpcode.GetLogPage => GetLogPage(now, entry, data),
            AdminOpcode.Identify => Identify(now, entry, data),
            AdminOpcode.Abort => Abort(now, entry),
            AdminOpcode.SetFeatures => SetFeatures(now, entry),
            AdminOpcode.GetFeatures => GetFeatures(now, entry, data),
            AdminOpcode.AsynchronousEventRequest => RequestAsyncEvent(now, entry.Cid),
            AdminOpcode.KeepAlive => KeepAlive(now),
            _ => Failed(now, Status.InvalidOpcode),
        };
    }

    /// <summary>There is no I/O queue that a command could come by.</summary>
    protected override CommandOutcome ExecuteIo(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data) =>
        Failed(now, Status.InvalidOpcode);

    protected override void OnReset(SimTime now) => AsyncEventConfiguration = 0;

    protected override SimTime OnShutdown(SimTime now) => now;

    protected override void OnTerminated(SimTime now) => _service.Remove(this);

    /// <summary>Identify (Base 2.1, 5.1.13): of the controller alone.</summary>
    private CommandOutcome Identify(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        if (entry.Cdw10 != (uint)IdentifyCns.Controller || entry.Cdw14 != 0)
            return Failed(now, Status.InvalidField);
        if (data.Length < IdentifyBytes)
            return Failed(now, Status.DataSglLengthInvalid);

        const byte directDiscoveryController = 1;
        data.Clear();
        ref IdentifyController report = ref WireStruct.As<IdentifyController>(data[..IdentifyBytes]);
        TextField.WritePadded(report.Fr, Drive.FactoryFirmwareRevision);
        TextField.TryWriteTerminated(report.Subnqn, _service.Nqn);
        report.Mdts = (byte)BitOperations.Log2(TransferBytes / FlashGeometry.PageBytes);
        report.Cntlid = Id;
        report.Ver = ControllerProperty.Version210;
        report.Oaes = (uint)OfferedNotices;
        report.Ctratt = (uint)ControllerAttributes.HostIdentifier128;
        report.Cntrltype = ControllerType.Discovery;
        report.Aerl = AsyncEventRequestLimit - 1;
        report.Lpa = (byte)LogPageAttributes.ExtendedData;
        report.Kas = (ushort)(KeepAliveGranularityMilliseconds / 100);
        report.Maxcmd = (ushort)MaxQueueEntries;
        report.Sgls = SglSupport;
        report.Dctype = directDiscoveryController;
        return CommandOutcome.Success(now);
    }

    /// <summary>Get Log Page (Base 2.1, 5.1.12): the Discovery log page, and which pages there are.</summary>
    private CommandOutcome GetLogPage(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        var request = new LogPageRequest(entry);
        if (request.LogPage is not (LogPageId.SupportedLogPages or LogPageId.Discovery))
            return Failed(now, Status.InvalidLogPage);
        if (request.HasReservedBits || request.IsIndexed || request.UuidIndex != 0 || request.Specific != 0
            || request.Offset % 4 != 0)
            return Failed(now, Status.InvalidField);
        if (request.Length > (uint)data.Length)
            return Failed(now, Status.DataSglLengthInvalid);

        data[(int)request.Length..].Clear();
        var page = new LogPageReader(data[..(int)request.Length], request.Offset);
        if (request.LogPage == LogPageId.Discovery)
            WriteDiscoveryLog(ref page);
        else
            WriteSupportedLogPages(ref page);
        if (request.Offset > page.Length)
            return Failed(now, Status.InvalidField);
        if (!request.RetainsEvents)
            ClearEvents(request.LogPage);
        return CommandOutcome.Success(now);
    }

    private void WriteDiscoveryLog(ref LogPageReader page)
    {
        int count = _service.Entries.Count;
        page.Append(new DiscoveryLogHeader
        {
            Genctr = _service.Generation,
            Numrec = (ulong)count,
            Tdlpl = (uint)(DiscoveryLogHeader.Size + (count * DiscoveryLogEntry.Size)),
        });
        foreach (DiscoveryEntry listed in _service.Entries)
            page.Append(listed.ToWire());
    }

    private static void WriteSupportedLogPages(ref LogPageReader page)
    {
        SupportedLogPages report = default;
        report.Lids[(byte)LogPageId.SupportedLogPages] = (uint)LogPageSupport.Supported;
        report.Lids[(byte)LogPageId.Discovery] = (uint)LogPageSupport.Supported;
        page.Append(report);
    }

    /// <summary>Set Features (Base 2.1, 5.1.25): the keep-alive timer and which events to send.</summary>
    private CommandOutcome SetFeatures(SimTime now, in SubmissionEntry entry)
    {
        const uint save = 1u << 31;
        switch (entry.Cdw10 & ~save)
        {
            case (uint)FeatureId.KeepAliveTimer or (uint)FeatureId.AsynchronousEventConfiguration
                when (entry.Cdw10 & save) != 0:
                return Failed(now, Status.FeatureNotSaveable);
            case (uint)FeatureId.KeepAliveTimer:
                SetActivityTimeout(now, entry.Cdw11);
                return CommandOutcome.Success(now);
            case (uint)FeatureId.AsynchronousEventConfiguration when (entry.Cdw11 & ~(uint)OfferedNotices) == 0:
                AsyncEventConfiguration = entry.Cdw11;
                return CommandOutcome.Success(now);
            default:
                return Failed(now, Status.InvalidField);
        }
    }

    /// <summary>Get Features (Base 2.1, 5.1.11). ONCS offers no Select, so that current values are all there is.</summary>
    private CommandOutcome GetFeatures(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        data.Clear();
        return (uint)entry.Cdw10 switch
        {
            (uint)FeatureId.KeepAliveTimer => CommandOutcome.Success(now, KeepAliveTimeoutMilliseconds),
            (uint)FeatureId.AsynchronousEventConfiguration => CommandOutcome.Success(now, AsyncEventConfiguration),
            _ => Failed(now, Status.InvalidField),
        };
    }

    private static CommandOutcome Failed(SimTime now, Status status) =>
        CommandOutcome.Completed(now, status.WithDoNotRetry());
}
