using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Section 2, interface: applying it.</summary>
internal sealed partial class StateRestore
{
    private void ApplyInterface(SimTime now)
    {
        if ((_image.Sections & StateSections.Interface) == 0)
            return;
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(InterfaceAttribute.Feature))
            ApplyFeature(id, WireStruct.Read<FeatureValue>(value.Span));
        ApplyTimestamp(now);
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(InterfaceAttribute.Namespace))
            Find((uint)id.Key)!.Identity = IdentityIn(WireStruct.Read<NamespaceState>(value.Span));
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(InterfaceAttribute.Reservation))
            ApplyReservation(Find((uint)id.Key)!.Reservations, value.Span);
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(InterfaceAttribute.Streams))
            ApplyStreams((uint)id.Key, value.Span);
        ApplyCounters();
        ApplyAssociation();
    }

    /// <summary>A value whose scope is the subsystem is taken over where nobody has set another.</summary>
    private void ApplyFeature(StateAttributeId id, FeatureValue value)
    {
        (FeatureId feature, byte part) = StateFeatures.FromPart(id.Part);
        if (!FeatureTable.TryFind(feature, out FeatureTraits traits) || !StateFeatures.IsOffered(_drive, feature)
            || traits.Scope == FeatureScope.Reservation)
            return;
        FeatureStore store = traits.Scope switch
        {
            FeatureScope.Namespace => Find(id.Nsid)!.Features,
            FeatureScope.NvmSubsystem => _drive.Features,
            _ => _target.Slot.Features,
        };
        if (traits.Scope != FeatureScope.NvmSubsystem || store.Current(feature, part, traits.Default) == traits.Default)
            store.TakeOver(feature, part, value.Current, (value.Flags & FeatureValue.IsSaved) != 0 ? value.Saved : null);
    }

    /// <summary>The clock is the drive's, so that one that a host has set stays.</summary>
    private void ApplyTimestamp(SimTime now)
    {
        ReadOnlySpan<byte> value = DataOf(FeatureId.Timestamp);
        if (value.IsEmpty || _drive.Clock.IsSet)
            return;
        Timestamp timestamp = WireStruct.Read<Timestamp>(value);
        if (timestamp.Tstmps != 0)
            _drive.Clock.Set(now, timestamp.Milliseconds);
    }

    private static NamespaceIdentity IdentityIn(NamespaceState state) =>
        new(state.Nguid, state.Uuid, state.Eui64);

    /// <summary>What the VM's host held there the host that has the target holds here.</summary>
    private void ApplyReservation(Reservations reservations, ReadOnlySpan<byte> value)
    {
        ReservationState state = WireStruct.Read<ReservationState>(value[..ReservationState.Size]);
        var registrants = new List<Registrant>();
        foreach (ReservationRegistrant registrant in RegistrantsIn(value))
            registrants.Add(new Registrant(HostHere(Identifier(registrant.HostId)), registrant.Key));
        reservations.TakeOver(
            state.Generation,
            (ReservationType)state.Type,
            HostHere(Identifier(state.Holder)),
            registrants,
            persists: (state.Flags & 1) != 0);
    }

    private void ApplyStreams(uint nsid, ReadOnlySpan<byte> value)
    {
        StreamsState state = WireStruct.Read<StreamsState>(value[..StreamsState.Size]);
        UInt128 host = _target.Host.HostId;
        StreamResources streams = _drive.Streams;
        streams.Disable(host, nsid);
        if ((state.Flags & 1) == 0)
            return;
        streams.Enable(host, nsid);
        if (state.Allocated > 0)
            streams.Allocate(host, nsid, state.Allocated);
        foreach (U16Le id in MemoryMarshal.Cast<byte, U16Le>(value[StreamsState.Size..]))
            streams.ForWrite(host, nsid, id);
    }

    private void ApplyCounters()
    {
        ReadOnlySpan<byte> value = _image[new StateAttributeId(InterfaceAttribute.HealthCounters, 0)];
        if (!value.IsEmpty)
            _target.Slot.HealthOffset = HealthOffset.Between(_drive.Health, WireStruct.Read<HealthCounters>(value));
    }

    /// <summary>A host that is not connected finds it when it does.</summary>
    private void ApplyAssociation()
    {
        var events = new StateAttributeId(InterfaceAttribute.Feature, (uint)FeatureId.AsynchronousEventConfiguration);
        var state = new AssociationState
        {
            AsyncEventConfiguration =
                _image[events].IsEmpty ? 0 : WireStruct.Read<FeatureValue>(_image[events]).Current.Value,
            HostBehavior = DataOf(FeatureId.HostBehaviorSupport) is { IsEmpty: false } behavior
                ? WireStruct.Read<HostBehaviorSupport>(behavior)
                : default,
            ReservationMasks = ReservationMasks(),
            Errors = ListOf<ErrorInformationEntry>(InterfaceAttribute.ErrorLog).ToArray(),
            ChangedNamespaces = NumbersOf(InterfaceAttribute.ChangedNamespaces),
            ReservationNotifications =
                ListOf<ReservationNotification>(InterfaceAttribute.ReservationNotifications).ToArray(),
            WaitingEvents = NumbersOf(InterfaceAttribute.WaitingEvents),
        };
        _target.Slot.Awaiting = null;
        if (_target.Slot.Current is { } controller)
            controller.TakeOver(state);
        else
            _target.Slot.Awaiting = state;
    }

    private Dictionary<uint, uint> ReservationMasks()
    {
        var masks = new Dictionary<uint, uint>();
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in AllOf(InterfaceAttribute.Feature))
        {
            if (id.Part == (uint)FeatureId.ReservationNotificationMask)
                masks[id.Nsid] = WireStruct.Read<FeatureValue>(value.Span).Current;
        }

        return masks;
    }

    private ReadOnlySpan<byte> DataOf(FeatureId feature) =>
        _image[new StateAttributeId(InterfaceAttribute.FeatureData, (uint)feature)];

    private ReadOnlySpan<T> ListOf<T>(InterfaceAttribute type)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_image[new StateAttributeId(type, 0)]);

    private uint[] NumbersOf(InterfaceAttribute type)
    {
        ReadOnlySpan<U32Le> list = ListOf<U32Le>(type);
        uint[] numbers = new uint[list.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = list[i];
        return numbers;
    }

    private UInt128 HostHere(UInt128 host)
    {
        ReadOnlySpan<byte> value = _image[new StateAttributeId(InterfaceAttribute.Registers, 0)];
        return !value.IsEmpty && Identifier(WireStruct.Read<ControllerRegisters>(value).HostId) == host
            ? _target.Host.HostId
            : host;
    }

    private static ReadOnlySpan<ReservationRegistrant> RegistrantsIn(ReadOnlySpan<byte> value) =>
        MemoryMarshal.Cast<byte, ReservationRegistrant>(value[ReservationState.Size..]);

    private static UInt128 Identifier(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128LittleEndian(bytes);
}
