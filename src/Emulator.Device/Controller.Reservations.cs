using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Reservation commands (Base 2.1, 7.5 to 7.8 and 8.1.22): guards and fields; what they do is in
/// <see cref="Reservations"/>. There are no dispersed namespaces, so that DISNSRS makes no difference.
/// </summary>
public sealed partial class Controller
{
    private const uint IgnoreExistingKeyBit = 1u << 3;
    private const uint DispersedSupportBit = 1u << 4;
    private const int ReservationActionMask = 7;

    /// <summary>Reservation Register (Base 2.1, 7.6).</summary>
    private CommandOutcome RegisterReservation(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint known = 0xC000_0000 | DispersedSupportBit | IgnoreExistingKeyBit | ReservationActionMask;
        Status status = OpenReservations(entry, data.Length, ReservationRegisterData.Size, known, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);

        // No power loss leaves anything of a medium in memory: clearing PTPL is what it is, setting it cannot be.
        var persistence = (PersistThroughPowerLossChange)(entry.Cdw10 >> 30);
        if (persistence == PersistThroughPowerLossChange.Reserved
            || (persistence == PersistThroughPowerLossChange.Set && !_drive.IsPersistent))
            return Failed(now, Status.InvalidField);

        ReservationRegisterData keys = WireStruct.Read<ReservationRegisterData>(data[..ReservationRegisterData.Size]);
        bool ignoreKey = (entry.Cdw10 & IgnoreExistingKeyBit) != 0;
        var action = (ReservationRegisterAction)(entry.Cdw10 & ReservationActionMask);
        if (action != ReservationRegisterAction.Unregister && keys.Nrkey == 0)
            return Failed(now, Status.InvalidField);

        List<ReservationNotice> notices = [];
        status = action switch
        {
            ReservationRegisterAction.Register => ns.Reservations.Register(Host.HostId, keys.Nrkey),
            ReservationRegisterAction.Replace =>
                ns.Reservations.Replace(Host.HostId, keys.Crkey, keys.Nrkey, ignoreKey),
            ReservationRegisterAction.Unregister =>
                ns.Reservations.Unregister(Host.HostId, keys.Crkey, ignoreKey, notices),
            _ => Status.InvalidField,
        };
        Notify(ns, notices);
        bool wasPersistent = ns.Reservations.Persists;
        if (status.IsSuccess && persistence != PersistThroughPowerLossChange.NoChange)
            ns.Reservations.Persists = persistence == PersistThroughPowerLossChange.Set;
        return EndedReservation(now, ns, status, wasPersistent);
    }

    /// <summary>What persists through a loss of power, or did, is durable when the command ends.</summary>
    private CommandOutcome EndedReservation(SimTime now, Namespace ns, Status status, bool wasPersistent = false) =>
        status.IsSuccess && (wasPersistent || ns.Reservations.Persists)
            ? Ended(_drive.KeepMetadata(now))
            : Ended(now, status);

    /// <summary>
    /// Reservation Acquire (Base 2.1, 7.5). Commands are executed when they are fetched, so that Preempt and Abort finds
    /// none to abort.
    /// </summary>
    private CommandOutcome AcquireReservation(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint known = 0xFF00 | DispersedSupportBit | ReservationActionMask;
        Status status = OpenReservations(entry, data.Length, ReservationAcquireData.Size, known, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);

        ReservationAcquireData keys = WireStruct.Read<ReservationAcquireData>(data[..ReservationAcquireData.Size]);
        if (!TryGetReservationType(entry, out ReservationType type))
            return Failed(now, Status.InvalidField);

        List<ReservationNotice> notices = [];
        status = (ReservationAcquireAction)(entry.Cdw10 & ReservationActionMask) switch
        {
            ReservationAcquireAction.Acquire => ns.Reservations.Acquire(Host.HostId, keys.Crkey, type),
            ReservationAcquireAction.Preempt or ReservationAcquireAction.PreemptAndAbort =>
                ns.Reservations.Preempt(Host.HostId, keys.Crkey, keys.Prkey, type, notices),
            _ => Status.InvalidField,
        };
        Notify(ns, notices);
        return EndedReservation(now, ns, status);
    }

    /// <summary>Reservation Release (Base 2.1, 7.7).</summary>
    private CommandOutcome ReleaseReservation(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint known = 0xFF00 | DispersedSupportBit | ReservationActionMask;
        Status status = OpenReservations(entry, data.Length, ReservationReleaseData.Size, known, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);

        ulong key = WireStruct.Read<ReservationReleaseData>(data[..ReservationReleaseData.Size]).Crkey;
        if (!TryGetReservationType(entry, out ReservationType type))
            return Failed(now, Status.InvalidField);

        List<ReservationNotice> notices = [];
        status = (ReservationReleaseAction)(entry.Cdw10 & ReservationActionMask) switch
        {
            ReservationReleaseAction.Release => ns.Reservations.Release(Host.HostId, key, type, notices),
            ReservationReleaseAction.Clear => ns.Reservations.Clear(Host.HostId, key, notices),
            _ => Status.InvalidField,
        };
        Notify(ns, notices);
        return EndedReservation(now, ns, status);
    }

    /// <summary>
    /// Reservation Report (Base 2.1, 7.8). Hosts over fabrics have 128-bit identifiers, for which there is the extended
    /// data structure alone.
    /// </summary>
    private CommandOutcome ReportReservation(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint extended = 1;
        const uint dispersedSupport = 2;
        Status status = OpenUnreserved(entry.Nsid, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((entry.Cdw11 & ~(extended | dispersedSupport)) != 0)
            return Failed(now, Status.InvalidField);
        if ((entry.Cdw11 & extended) == 0)
            return Failed(now, Status.HostIdentifierInconsistentFormat);
        ulong length = (entry.Cdw10 + 1UL) * sizeof(uint);
        if (length > (uint)data.Length)
            return Failed(now, Status.DataSglLengthInvalid);

        var page = new LogPageReader(data[..(int)length], offset: 0);
        data[(int)length..].Clear();
        WriteReservationStatus(ns, ref page);
        return CommandOutcome.Success(now);
    }

    private void WriteReservationStatus(Namespace ns, ref LogPageReader page)
    {
        Reservations reservations = ns.Reservations;
        page.Append(new ReservationStatusExtended
        {
            Gen = reservations.Generation,
            Rtype = reservations.Type,
            Regstrnt = (ushort)reservations.Registrants.Count,
            Ptpls = reservations.Persists ? (byte)1 : (byte)0,
        });
        foreach (Registrant registrant in reservations.Registrants)
        {
            var entry = new RegisteredControllerExtended
            {
                Cntlid = ControllerOf(registrant),
                Rcsts = reservations.IsHolder(registrant.HostId) ? (byte)1 : (byte)0,
                Rkey = registrant.Key,
            };
            WireStruct.Write<U128Le>(entry.Hostid, registrant.HostId);
            page.Append(entry);
        }
    }

    /// <summary>The lowest identifier of the host's controllers; FFFFh when it is not connected.</summary>
    private ushort ControllerOf(Registrant registrant) =>
        _drive.ConnectedControllers.FirstOrDefault(found => found.Host.HostId == registrant.HostId)?.Id ?? ushort.MaxValue;

    private static bool TryGetReservationType(in SubmissionEntry entry, out ReservationType type)
    {
        type = (ReservationType)(byte)(entry.Cdw10 >> 8);
        return type <= ReservationType.ExclusiveAccessAllRegistrants;
    }

    /// <summary>The guards of the commands that change reservations.</summary>
    /// <param name="knownFields">Bits of dword 10 that may be set; IEKEY is not among them where it is an error.</param>
    private Status OpenReservations(
        in SubmissionEntry entry, int dataLength, int neededLength, uint knownFields, out Namespace ns)
    {
        Status status = OpenUnreserved(entry.Nsid, out ns);
        if (!status.IsSuccess)
            return status;
        if ((entry.Cdw10 & ~knownFields) != 0)
            return Status.InvalidField;
        return dataLength >= neededLength ? Status.Success : Status.DataSglLengthInvalid;
    }

    /// <summary>
    /// Whether administration of a namespace conflicts with its reservation, as a write would (figure 647). It is checked
    /// where the NSID is active.
    /// </summary>
    private bool IsReservedAgainstHost(Namespace ns) =>
        ns.IsAttachedTo(Id) && !ns.Reservations.Permits(Host.HostId, IoAccess.Write);

    /// <summary>Queues notices on every controller that has the namespace and the host that a notice is for.</summary>
    private void Notify(Namespace ns, List<ReservationNotice> notices)
    {
        foreach (ReservationNotice notice in notices)
        {
            foreach (Controller controller in _drive.ConnectedControllers)
            {
                if (controller.Host.HostId == notice.HostId && ns.IsAttachedTo(controller.Id))
                    controller.ReportReservationNotice(ns.Nsid, notice.Type);
            }
        }
    }
}
