using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Acquiring a reservation, and preempting one or a registration (Base 2.1, 8.1.22.5 and 8.1.22.7).</summary>
public sealed partial class Reservations
{
    /// <summary>Acquires a reservation; a holder that asks again for what it has is no error.</summary>
    /// <returns>Success, Reservation Conflict, or Invalid Field for a type that there is not.</returns>
    public Status Acquire(UInt128 hostId, ulong currentKey, ReservationType type)
    {
        if (type == ReservationType.None)
            return Status.InvalidField;
        Status status = Authenticate(hostId, currentKey);
        if (!status.IsSuccess)
            return status;
        if (Type != ReservationType.None)
            return IsHolder(hostId) && Type == type ? Status.Success : Status.ReservationConflict;
        (Type, _holder) = (type, hostId);
        return Status.Success;
    }

    /// <summary>Takes the reservation from its holder, or registrations from whoever has them, by their key.</summary>
    /// <param name="preemptedKey">
    /// PRKEY. With all registrants as holders 0 means all of them; else it is a key like any other, and 0 is none.
    /// </param>
    /// <param name="type">The reservation that takes the place of the one that is preempted.</param>
    /// <returns>Success, Reservation Conflict or Invalid Field.</returns>
    public Status Preempt(
        UInt128 hostId,
        ulong currentKey,
        ulong preemptedKey,
        ReservationType type,
        ICollection<ReservationNotice> notices)
    {
        Status status = Authenticate(hostId, currentKey);
        if (!status.IsSuccess)
            return status;

        bool takesOver = IsOfAllRegistrants ? preemptedKey == 0 : preemptedKey == KeyOfHolder;
        if (takesOver && type == ReservationType.None)
            return Status.InvalidField;
        if (!takesOver)
            status = RegistrationsProblem(preemptedKey);
        if (!status.IsSuccess)
            return status;

        if (takesOver)
            TakeOver(hostId, preemptedKey, type, notices);
        else
            RemoveByKey(preemptedKey, hostId, notices);
        Generation++;
        return Status.Success;
    }

    /// <summary>The key of the one holder; null, which no key equals, when there is none or there are many.</summary>
    private ulong? KeyOfHolder
    {
        get
        {
            int index = Type == ReservationType.None || IsOfAllRegistrants ? -1 : IndexOf(_holder);
            return index < 0 ? null : _registrants[index].Key;
        }
    }

    private Status RegistrationsProblem(ulong preemptedKey)
    {
        if (Type == ReservationType.None)
            return Status.Success;
        if (!IsOfAllRegistrants)
            return preemptedKey != 0 ? Status.Success : Status.InvalidField;
        return _registrants.Exists(registrant => registrant.Key == preemptedKey)
            ? Status.Success
            : Status.ReservationConflict;
    }

    private void TakeOver(
        UInt128 hostId, ulong preemptedKey, ReservationType type, ICollection<ReservationNotice> notices)
    {
        bool all = IsOfAllRegistrants;
        foreach (Registrant registrant in _registrants)
        {
            if (registrant.HostId != hostId && (all || registrant.Key == preemptedKey))
                notices.Add(new ReservationNotice(registrant.HostId, ReservationNotificationType.RegistrationPreempted));
        }

        _registrants.RemoveAll(registrant => registrant.HostId != hostId && (all || registrant.Key == preemptedKey));
        if (type != Type)
            Tell(except: hostId, ReservationNotificationType.ReservationReleased, notices);
        (Type, _holder) = (type, hostId);
    }

    /// <summary>Unregisters everybody with a key, the host that asks for it included.</summary>
    private void RemoveByKey(ulong key, UInt128 hostId, ICollection<ReservationNotice> notices)
    {
        foreach (Registrant registrant in _registrants)
        {
            if (registrant.HostId != hostId && registrant.Key == key)
                notices.Add(new ReservationNotice(registrant.HostId, ReservationNotificationType.RegistrationPreempted));
        }

        _registrants.RemoveAll(registrant => registrant.Key == key);
        if (IsOfAllRegistrants && _registrants.Count == 0)
            Type = ReservationType.None;
    }
}
