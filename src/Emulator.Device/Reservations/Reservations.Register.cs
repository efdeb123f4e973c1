using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Registering, unregistering and replacing keys (Base 2.1, 8.1.22.3 and 8.1.22.4).</summary>
public sealed partial class Reservations
{
    /// <summary>Registers a key; doing so again with the same key is no error.</summary>
    /// <returns>
    /// Success; Reservation Conflict if the host is registered with another key; Insufficient Resources if there are as
    /// many registrants as REGSTRNT can count.
    /// </returns>
    public Status Register(UInt128 hostId, ulong newKey)
    {
        int index = IndexOf(hostId);
        if (index >= 0 && _registrants[index].Key != newKey)
            return Status.ReservationConflict;
        if (index < 0)
            return Add(hostId, newKey);
        Generation++;
        return Status.Success;
    }

    /// <summary>Replaces the key of a registrant, which has no effect on a reservation.</summary>
    /// <param name="ignoreKey">IEKEY: whatever the host's key is, and even if it has none.</param>
    /// <returns>Success, Reservation Conflict or Insufficient Resources.</returns>
    public Status Replace(UInt128 hostId, ulong currentKey, ulong newKey, bool ignoreKey)
    {
        int index = IndexOf(hostId);
        if (!ignoreKey && (index < 0 || _registrants[index].Key != currentKey))
            return Status.ReservationConflict;
        if (index < 0)
            return Add(hostId, newKey);
        _registrants[index] = new Registrant(hostId, newKey);
        Generation++;
        return Status.Success;
    }

    /// <summary>
    /// Ends a registration, and with it a reservation that the host was the only one to hold.
    /// </summary>
    /// <param name="ignoreKey">IEKEY: whatever the host's key is, and even if it has none.</param>
    /// <returns>Success or Reservation Conflict.</returns>
    public Status Unregister(UInt128 hostId, ulong currentKey, bool ignoreKey, ICollection<ReservationNotice> notices)
    {
        int index = IndexOf(hostId);
        if (!ignoreKey && (index < 0 || _registrants[index].Key != currentKey))
            return Status.ReservationConflict;

        if (index >= 0)
        {
            bool releases = IsOfAllRegistrants ? _registrants.Count == 1 : IsHolder(hostId);
            _registrants.RemoveAt(index);
            if (releases)
                ReleaseOnUnregister(hostId, notices);
        }

        Generation++;
        return Status.Success;
    }

    private Status Add(UInt128 hostId, ulong key)
    {
        if (_registrants.Count == ushort.MaxValue)
            return Status.InsufficientResources;
        _registrants.Add(new Registrant(hostId, key));
        Generation++;
        return Status.Success;
    }

    private void ReleaseOnUnregister(UInt128 hostId, ICollection<ReservationNotice> notices)
    {
        bool isOfRegistrants = Type
            is ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.ExclusiveAccessRegistrantsOnly;
        Type = ReservationType.None;
        if (isOfRegistrants)
            Tell(except: hostId, ReservationNotificationType.ReservationReleased, notices);
    }
}
