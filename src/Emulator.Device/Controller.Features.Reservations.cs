using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Features of reservations, FID 82h and 83h (Base 2.1, 5.1.25.1.29 and 5.1.25.1.30), and their log page, LID 80h.
/// </summary>
public sealed partial class Controller
{
    /// <summary>RESCAP of every namespace.</summary>
    private const ReservationCapabilities ReservationSupport =
        ReservationCapabilities.WriteExclusive
        | ReservationCapabilities.ExclusiveAccess
        | ReservationCapabilities.WriteExclusiveRegistrantsOnly
        | ReservationCapabilities.ExclusiveAccessRegistrantsOnly
        | ReservationCapabilities.WriteExclusiveAllRegistrants
        | ReservationCapabilities.ExclusiveAccessAllRegistrants
        | ReservationCapabilities.IgnoreExistingKey13;

    /// <summary>The bit of ONCS.</summary>
    private const OptionalNvmCommands OfferedReservations = OptionalNvmCommands.Reservations;

    private readonly ReservationNotifications _reservationNotifications = new();

    /// <summary>
    /// FID 82h sets a mask for a namespace of this controller or for all. FID 83h has one value, 0: the medium is memory,
    /// and no reservation outlives the power.
    /// </summary>
    private CommandOutcome SetReservationFeature(SimTime now, in SubmissionEntry entry)
    {
        if ((FeatureId)(byte)entry.Cdw10 == FeatureId.ReservationPersistence)
            return Ended(now, entry.Cdw11 == 0 ? Status.Success : Status.InvalidField);

        foreach (Namespace ns in ActiveNamespaces)
        {
            if (entry.Nsid == BroadcastNsid || entry.Nsid == ns.Nsid)
                _reservationNotifications.SetMask(ns.Nsid, entry.Cdw11);
        }

        return CommandOutcome.Success(now);
    }

    private CommandOutcome GetReservationFeature(SimTime now, in SubmissionEntry entry)
    {
        bool isCurrentMask = (FeatureId)(byte)entry.Cdw10 == FeatureId.ReservationNotificationMask
            && (FeatureSelect)(entry.Cdw10 >> 8 & 7) == FeatureSelect.Current;
        return CommandOutcome.Success(now, isCurrentMask ? _reservationNotifications.MaskOf(entry.Nsid) : 0);
    }

    /// <summary>The reservation of a namespace changed under this controller's host.</summary>
    private void ReportReservationNotice(uint nsid, ReservationNotificationType type)
    {
        if (!_reservationNotifications.Add(nsid, type))
            return;
        Raise(new AsyncEventResult(
            AsyncEventType.IoCommandSetSpecific,
            (byte)AsyncIoCommandSetEvent.ReservationLogPageAvailable,
            LogPageId.ReservationNotification));
    }

    /// <summary>LID 80h: a read from the start takes the oldest page off the queue; other reads continue with it.</summary>
    private void WriteReservationNotification(ulong offset, ref LogPageReader page)
    {
        if (offset == 0)
            _reservationNotifications.Take();
        page.Append(_reservationNotifications.Taken);
    }
}
