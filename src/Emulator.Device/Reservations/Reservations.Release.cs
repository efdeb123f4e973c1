using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Releasing a reservation, and clearing everything (Base 2.1, 8.1.22.6 and 8.1.22.8).</summary>
public sealed partial class Reservations
{
    /// <summary>Releases the reservation if the host holds it; if not, nothing happens and that is no error.</summary>
    /// <returns>Success, Reservation Conflict, or Invalid Field if another type is held.</returns>
    public Status Release(
        UInt128 hostId, ulong currentKey, ReservationType type, ICollection<ReservationNotice> notices)
    {
        Status status = Authenticate(hostId, currentKey);
        if (!status.IsSuccess || !IsHolder(hostId))
            return status;
        if (type != Type)
            return Status.InvalidField;

        Type = ReservationType.None;
        if (type is not (ReservationType.WriteExclusive or ReservationType.ExclusiveAccess))
            Tell(except: hostId, ReservationNotificationType.ReservationReleased, notices);
        return Status.Success;
    }

    /// <summary>Releases the reservation, whoever holds it, and unregisters everybody.</summary>
    /// <returns>Success or Reservation Conflict.</returns>
    public Status Clear(UInt128 hostId, ulong currentKey, ICollection<ReservationNotice> notices)
    {
        Status status = Authenticate(hostId, currentKey);
        if (!status.IsSuccess)
            return status;

        Tell(except: hostId, ReservationNotificationType.ReservationPreempted, notices);
        _registrants.Clear();
        Type = ReservationType.None;
        Generation++;
        return Status.Success;
    }
}
