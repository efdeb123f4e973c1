using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Asynchronous events (Base 2.1, 5.2.2). An event waits until the host has a request outstanding for it; after it was
/// reported, its type is masked until the host has read the log page that it named, without Retain Asynchronous Event.
/// </summary>
public partial class FabricsController
{
    /// <summary>AERL, 1-based: requests that may be outstanding.</summary>
    protected const int AsyncEventRequestLimit = 4;

    private readonly List<ushort> _eventRequests = new(AsyncEventRequestLimit);
    private readonly List<AsyncEventResult> _waitingEvents = new(MostWaitingEvents);
    private readonly Dictionary<AsyncEventType, LogPageId> _maskedTypes = [];

    /// <summary>Distinct events that wait; there are fewer kinds than this, so that nothing is ever dropped.</summary>
    private const int MostWaitingEvents = 32;

    private bool _areEventsHeld;

    /// <summary>OAES: the notices that the host can enable.</summary>
    protected abstract AsyncEventNotices OfferedNotices { get; }

    /// <summary>Asynchronous Event Configuration, FID 0Bh, as the host has set it.</summary>
    protected uint AsyncEventConfiguration { get; set; }

    /// <summary>The host does not run: events wait until it is heard again, or <see cref="ReleaseEvents"/>.</summary>
    internal void HoldEvents() => _areEventsHeld = true;

    internal void ReleaseEvents()
    {
        if (!_areEventsHeld)
            return;
        _areEventsHeld = false;
        DeliverEvents();
    }

    /// <summary>Reports an event, unless it is of a kind that the host enables and it has not.</summary>
    protected internal void Raise(AsyncEventResult raised)
    {
        if (!IsEnabled(raised))
            return;
        if (_waitingEvents.Contains(raised) || _waitingEvents.Count == MostWaitingEvents)
            return;
        _waitingEvents.Add(raised);
        DeliverEvents();
    }

    /// <summary>Dword 0 of events that wait, the oldest first.</summary>
    internal IEnumerable<uint> WaitingEvents => _waitingEvents.Select(waiting => waiting.Dw0);

    /// <summary>Takes over events that waited elsewhere, of kinds that this host has enabled.</summary>
    internal void TakeOverEvents(IEnumerable<uint> waiting)
    {
        foreach (uint dw0 in waiting)
            Raise(new AsyncEventResult((AsyncEventType)(dw0 & 7), (byte)(dw0 >> 8), (LogPageId)(byte)(dw0 >> 16)));
    }

    /// <summary>The host has read a log page with Retain Asynchronous Event clear.</summary>
    protected void ClearEvents(LogPageId logPage)
    {
        foreach ((AsyncEventType type, LogPageId page) in _maskedTypes)
        {
            if (page == logPage)
                _maskedTypes.Remove(type);
        }

        _waitingEvents.RemoveAll(waiting => waiting.LogPage == logPage && waiting.Type != AsyncEventType.OneShot);
        DeliverEvents();
    }

    protected CommandOutcome RequestAsyncEvent(SimTime now, ushort commandId)
    {
        if (_eventRequests.Count == AsyncEventRequestLimit)
            return CommandOutcome.Completed(now, Status.AsyncEventRequestLimitExceeded.WithDoNotRetry());

        int deliverable = _waitingEvents.FindIndex(waiting => !_maskedTypes.ContainsKey(waiting.Type));
        if (deliverable >= 0)
            return CommandOutcome.Success(now, Report(deliverable));
        _eventRequests.Add(commandId);
        return CommandOutcome.Pending;
    }

    /// <summary>
    /// Abort (Base 2.1, 5.1.1). Everything but an Asynchronous Event Request is done when it is seen, or waits for the
    /// medium, so that only these can be aborted; for others dword 0 bit 0 says that the command was not. One that is done and
    /// was held for a while is answered.
    /// </summary>
    protected CommandOutcome Abort(SimTime now, in SubmissionEntry entry)
    {
        ushort queueId = (ushort)entry.Cdw10;
        ushort commandId = (ushort)(entry.Cdw10 >> 16);
        if (queueId != 0 && queueId < _queues.Length && _queues[queueId] is { } queue)
            OnAbort(now, queue, commandId);
        if (queueId != 0 || !_eventRequests.Remove(commandId))
            return CommandOutcome.Success(now, dw0: 1);

        AdminQueue?.Endpoint.Complete(commandId, CommandOutcome.Completed(now, Status.CommandAbortRequested));
        return CommandOutcome.Success(now);
    }

    /// <summary>
    /// Asynchronous Event Configuration is about SMART warnings, by their bit, and notices (Base 2.1, 5.1.25.1.5). Errors,
    /// events of a command set and vendor events are not masked by it.
    /// </summary>
    private bool IsEnabled(AsyncEventResult raised) => raised.Type switch
    {
        AsyncEventType.SmartHealth => (AsyncEventConfiguration & WarningsOf((AsyncSmartEvent)raised.Information)) != 0,
        AsyncEventType.Notice => (AsyncEventConfiguration & (uint)BitOf((AsyncNotice)raised.Information)) != 0,
        _ => true,
    };

    private static uint WarningsOf(AsyncSmartEvent smart) => smart switch
    {
        AsyncSmartEvent.SpareBelowThreshold => (uint)CriticalWarnings.SpareBelowThreshold,
        AsyncSmartEvent.TemperatureThreshold => (uint)CriticalWarnings.TemperatureThreshold,
        _ => (uint)(CriticalWarnings.ReliabilityDegraded
            | CriticalWarnings.ReadOnly
            | CriticalWarnings.VolatileMemoryBackupFailed
            | CriticalWarnings.PersistentMemoryRegionReadOnly),
    };

    private static AsyncEventNotices BitOf(AsyncNotice notice) => notice switch
    {
        AsyncNotice.AttachedNamespaceAttributeChanged => AsyncEventNotices.AttachedNamespaceAttribute,
        AsyncNotice.FirmwareActivationStarting => AsyncEventNotices.FirmwareActivation,
        AsyncNotice.AsymmetricNamespaceAccessChange => AsyncEventNotices.AsymmetricNamespaceAccessChange,
        AsyncNotice.DiscoveryLogPageChange => AsyncEventNotices.DiscoveryLogPageChange,
        _ => AsyncEventNotices.None,
    };

    private void DeliverEvents()
    {
        while (!_areEventsHeld && _eventRequests.Count > 0 && AdminQueue is { } queue)
        {
            int deliverable = _waitingEvents.FindIndex(waiting => !_maskedTypes.ContainsKey(waiting.Type));
            if (deliverable < 0)
                return;
            ushort commandId = _eventRequests[0];
            _eventRequests.RemoveAt(0);
            queue.Endpoint.Complete(commandId, CommandOutcome.Success(SimTime.Zero, Report(deliverable)));
        }
    }

    private uint Report(int index)
    {
        AsyncEventResult reported = _waitingEvents[index];
        _waitingEvents.RemoveAt(index);
        if (reported.Type != AsyncEventType.OneShot)
            _maskedTypes[reported.Type] = reported.LogPage;
        return reported.Dw0;
    }

    private void ForgetAsyncEvents(SimTime now)
    {
        foreach (ushort commandId in _eventRequests)
            AdminQueue?.Endpoint.Complete(commandId, CommandOutcome.Completed(now, Status.AbortedSqDeletion));
        _eventRequests.Clear();
        _waitingEvents.Clear();
        _maskedTypes.Clear();
    }
}
