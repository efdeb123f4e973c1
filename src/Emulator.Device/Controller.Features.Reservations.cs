using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Features of reservations, FID 82h and 83h (Base 2.1, 5.1.25.1.29 and 5.1.25.1.30), and their log page, LID 80h.
/// </summary>
public sealed partial class Controller
{
    /// <summary>RESCAP of every namespace.</summary>
    private ReservationCapabilities ReservationSupport =>
        (_drive.IsPersistent ? ReservationCapabilities.PersistThroughPowerLoss : ReservationCapabilities.None)
        | ReservationCapabilities.WriteExclusive
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
    /// FID 82h sets a mask for a namespace of this controller or for all. FID 83h has no value but 0 where the medium is
    /// memory: no reservation outlives the power.
    /// </summary>
    private CommandOutcome SetReservationFeature(SimTime now, in SubmissionEntry entry)
    {
        if ((FeatureId)(byte)entry.Cdw10 == FeatureId.ReservationPersistence)
            return SetReservationPersistence(now, entry.Nsid, (entry.Cdw11 & 1) != 0);

        foreach (Namespace ns in ActiveNamespaces)
        {
            if (entry.Nsid == BroadcastNsid || entry.Nsid == ns.Nsid)
                _reservationNotifications.SetMask(ns.Nsid, entry.Cdw11);
        }

        return CommandOutcome.Success(now);
    }

    private CommandOutcome SetReservationPersistence(SimTime now, uint nsid, bool persists)
    {
        if (persists && !_drive.IsPersistent)
            return Failed(now, Status.InvalidField);
        foreach (Namespace ns in ActiveNamespaces)
        {
            if (nsid == BroadcastNsid || nsid == ns.Nsid)
                ns.Reservations.Persists = persists;
        }

        return Ended(_drive.KeepMetadata(now));
    }

    private CommandOutcome GetReservationFeature(SimTime now, in SubmissionEntry entry)
    {
        if ((FeatureId)(byte)entry.Cdw10 == FeatureId.ReservationPersistence)
        {
            bool persists = (FeatureSelect)(entry.Cdw10 >> 8 & 7) == FeatureSelect.Current
                && _drive.Namespaces.Find(entry.Nsid) is { Reservations.Persists: true };
            return CommandOutcome.Success(now, persists ? 1u : 0);
        }

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
