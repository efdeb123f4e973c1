using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Registrants and the reservation of one namespace (Base 2.1, 8.1.22). Hosts are told apart by their 128-bit Host
/// Identifiers, so that a host has the same rights on every controller that it has. Split by command.
/// </summary>
public sealed partial class Reservations
{
    private readonly List<Registrant> _registrants = [];
    private UInt128 _holder;

    /// <summary>GEN of the status data structure: wraps.</summary>
    public uint Generation { get; private set; }

    /// <summary>The reservation that is held; None when there is none.</summary>
    public ReservationType Type { get; private set; }

    /// <summary>In the order in which they registered.</summary>
    public IReadOnlyList<Registrant> Registrants => _registrants;

    private bool IsOfAllRegistrants =>
        Type is ReservationType.WriteExclusiveAllRegistrants or ReservationType.ExclusiveAccessAllRegistrants;

    /// <summary>Whether a host may access the namespace, given who holds which reservation (figure 646).</summary>
    public bool Permits(UInt128 hostId, IoAccess access) => Type switch
    {
        ReservationType.None => true,
        ReservationType.WriteExclusive => access == IoAccess.Read || hostId == _holder,
        ReservationType.ExclusiveAccess => hostId == _holder,
        ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.WriteExclusiveAllRegistrants =>
            access == IoAccess.Read || IndexOf(hostId) >= 0,
        _ => IndexOf(hostId) >= 0,
    };

    /// <summary>Whether a host holds the reservation, alone or as one of all registrants.</summary>
    public bool IsHolder(UInt128 hostId) =>
        Type != ReservationType.None && (IsOfAllRegistrants ? IndexOf(hostId) >= 0 : hostId == _holder);

    /// <summary>Who holds the reservation, where one host does; 0 otherwise.</summary>
    public UInt128 Holder => Type == ReservationType.None || IsOfAllRegistrants ? 0 : _holder;

    /// <summary>Takes the place of what there was, whoever it was of.</summary>
    internal void TakeOver(
        uint generation, ReservationType type, UInt128 holder, IEnumerable<Registrant> registrants, bool persists)
    {
        (Generation, Type, _holder, Persists) = (generation, type, holder, persists);
        _registrants.Clear();
        _registrants.AddRange(registrants);
    }

    private int IndexOf(UInt128 hostId)
    {
        for (int i = 0; i < _registrants.Count; i++)
        {
            if (_registrants[i].HostId == hostId)
                return i;
        }

        return -1;
    }

    /// <summary>A registrant proves who it is by its key; anybody else is in conflict.</summary>
    private Status Authenticate(UInt128 hostId, ulong key)
    {
        int index = IndexOf(hostId);
        return index >= 0 && _registrants[index].Key == key ? Status.Success : Status.ReservationConflict;
    }

    private void Tell(UInt128 except, ReservationNotificationType type, ICollection<ReservationNotice> notices)
    {
        foreach (Registrant registrant in _registrants)
        {
            if (registrant.HostId != except)
                notices.Add(new ReservationNotice(registrant.HostId, type));
        }
    }
}

/// <summary>A host that registered a key with a namespace.</summary>
public readonly record struct Registrant(UInt128 HostId, ulong Key);

/// <summary>What a host is to be told on all its controllers that have the namespace.</summary>
public readonly record struct ReservationNotice(UInt128 HostId, ReservationNotificationType Type);
