using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// What a host sets up on its controller, or has not yet heard from it, and what ends with the association. A storage
/// state carries it to another drive, where it waits for the host if that is not connected.
/// </summary>
internal sealed record AssociationState
{
    /// <summary>FID 0Bh.</summary>
    public uint AsyncEventConfiguration { get; init; }

    /// <summary>FID 16h.</summary>
    public HostBehaviorSupport HostBehavior { get; init; }

    /// <summary>FID 82h by namespace.</summary>
    public IReadOnlyDictionary<uint, uint> ReservationMasks { get; init; } = new Dictionary<uint, uint>();

    /// <summary>LID 01h, the newest first.</summary>
    public IReadOnlyList<ErrorInformationEntry> Errors { get; init; } = [];

    /// <summary>LID 04h, in ascending order.</summary>
    public IReadOnlyList<uint> ChangedNamespaces { get; init; } = [];

    /// <summary>LID 80h, the oldest first.</summary>
    public IReadOnlyList<ReservationNotification> ReservationNotifications { get; init; } = [];

    /// <summary>Dword 0 of asynchronous events that wait, the oldest first.</summary>
    public IReadOnlyList<uint> WaitingEvents { get; init; } = [];
}

/// <summary>Giving it away, and taking it over.</summary>
public sealed partial class Controller
{
    internal AssociationState Association => new()
    {
        AsyncEventConfiguration = AsyncEventConfiguration,
        HostBehavior = _hostBehavior,
        ReservationMasks = ActiveNamespaces.ToDictionary(ns => ns.Nsid, ns => _reservationNotifications.MaskOf(ns.Nsid)),
        Errors = [.. _errors.Newest],
        ChangedNamespaces = [.. _changedNamespaces],
        ReservationNotifications = [.. _reservationNotifications.Waiting],
        WaitingEvents = [.. WaitingEvents],
    };

    /// <summary>Queues that the host was granted; 0 if it did not ask.</summary>
    internal int AskedIoQueues => _grantedIoQueues ?? 0;

    internal uint KeepAliveMilliseconds => KeepAliveTimeoutMilliseconds;

    /// <summary>What the front door keeps in place of the controller; null if it keeps nothing.</summary>
    internal DoorSettings? DoorSettings => AdminQueue?.Endpoint.Settings;

    internal void TakeOver(AssociationState state)
    {
        AsyncEventConfiguration = state.AsyncEventConfiguration;
        _hostBehavior = state.HostBehavior;
        _reservationNotifications.Reset();
        foreach ((uint nsid, uint mask) in state.ReservationMasks)
            _reservationNotifications.SetMask(nsid, mask);
        _reservationNotifications.TakeOver(state.ReservationNotifications);
        _errors.TakeOver(state.Errors);
        _changedNamespaces.Clear();
        _changedNamespaces.UnionWith(state.ChangedNamespaces);
        FollowWriteCacheFeature();
        // Whoever is on the way here does not listen, and what is sent to it is lost for as long as TCP takes to send it again.
        if (Vm.IsDestination)
            HoldEvents();
        TakeOverEvents(state.WaitingEvents);
    }
}
