using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Emulator.Wire;
using static Emulator.Migration.StateAttributeId;

namespace Emulator.Device;

/// <summary>Section 2, interface: the controller as its host has set it up and as it sees it.</summary>
internal sealed partial class StateCapture
{
    private void WriteInterface()
    {
        ControllerSlot slot = _target.Slot;
        AssociationState association = slot.Current?.Association ?? slot.Awaiting ?? new AssociationState();
        _writer.BeginSection(StateSectionType.Interface);
        WriteController(slot);
        WriteFeatures(slot, association);
        foreach (Namespace ns in _namespaces)
            _writer.Attribute(InterfaceAttribute.Namespace, ns.Nsid, DescribeNamespace(ns));
        foreach (Namespace ns in _namespaces)
            WriteReservation(ns);
        foreach (Namespace ns in _namespaces)
            WriteStreams(ns);
        _writer.Attribute(InterfaceAttribute.HealthCounters, 0, slot.HealthOffset.Apply(_drive.Health));
        WriteList(InterfaceAttribute.ErrorLog, association.Errors);
        WriteList(InterfaceAttribute.ChangedNamespaces, [.. association.ChangedNamespaces.Select(nsid => new U32Le(nsid))]);
        WriteList(InterfaceAttribute.ReservationNotifications, association.ReservationNotifications);
        WriteList(InterfaceAttribute.WaitingEvents, [.. association.WaitingEvents.Select(dw0 => new U32Le(dw0))]);
        _writer.EndSection();
    }

    private void WriteController(ControllerSlot slot)
    {
        ControllerRegisters registers = slot.Current?.DoorSettings?.Registers
            ?? slot.Current?.RegistersAt(_now)
            ?? new ControllerRegisters { Cntlid = slot.Id };
        BinaryPrimitives.WriteUInt128LittleEndian(registers.HostId, slot.Host.HostId);
        _writer.Attribute(InterfaceAttribute.Registers, 0, registers);
        _writer.Attribute((ushort)InterfaceAttribute.HostNqn, 0, Encoding.UTF8.GetBytes(slot.Host.Nqn));
        _writer.Attribute((ushort)InterfaceAttribute.SubsystemNqn, 0, Encoding.UTF8.GetBytes(_drive.Nqn));
    }

    /// <summary>In ascending order of NSID, which those of the controller have as 0, and feature.</summary>
    private void WriteFeatures(ControllerSlot slot, AssociationState association)
    {
        foreach ((FeatureId feature, FeatureTraits traits) in StateFeatures.All)
        {
            if (traits.Scope is FeatureScope.Namespace or FeatureScope.Reservation || !StateFeatures.IsOffered(_drive, feature))
                continue;
            for (byte part = 0; part < StateFeatures.PartsOf(feature); part++)
                WriteFeature(0, feature, part, ControllerFeature(slot, association, feature, part, traits));
        }

        foreach (Namespace ns in _namespaces)
        {
            foreach ((FeatureId feature, FeatureTraits traits) in StateFeatures.All)
            {
                if (traits.Scope is FeatureScope.Namespace or FeatureScope.Reservation)
                    WriteFeature(ns.Nsid, feature, 0, NamespaceFeature(ns, association, feature, traits));
            }
        }

        WriteFeatureData(association);
    }

    private void WriteFeature(uint nsid, FeatureId feature, byte part, FeatureValue value) =>
        _writer.Attribute(InterfaceAttribute.Feature, KeyOf(nsid, StateFeatures.PartOf(feature, part)), value);

    private FeatureValue ControllerFeature(
        ControllerSlot slot, AssociationState association, FeatureId feature, byte part, FeatureTraits traits)
    {
        switch (feature)
        {
            case FeatureId.AsynchronousEventConfiguration:
                return new FeatureValue { Current = association.AsyncEventConfiguration };
            case FeatureId.TemperatureThreshold:
                return ValueIn(slot.Features, feature, part, part == 0 ? Controller.WarningTemperature : 0u);
            default:
                FeatureStore store = traits.Scope == FeatureScope.NvmSubsystem ? _drive.Features : slot.Features;
                return ValueIn(store, feature, part, traits.Default);
        }
    }

    private static FeatureValue NamespaceFeature(
        Namespace ns, AssociationState association, FeatureId feature, FeatureTraits traits) => feature switch
        {
            FeatureId.ReservationNotificationMask =>
                new FeatureValue { Current = association.ReservationMasks.GetValueOrDefault(ns.Nsid) },
            FeatureId.ReservationPersistence => new FeatureValue { Current = ns.Reservations.Persists ? 1u : 0 },
            _ => ValueIn(ns.Features, feature, 0, traits.Default),
        };

    private static FeatureValue ValueIn(FeatureStore store, FeatureId feature, byte part, uint otherwise) => new()
    {
        Current = store.Current(feature, part, otherwise),
        Saved = store.Saved(feature, part, 0),
        Flags = store.IsSaved(feature, part) ? FeatureValue.IsSaved : 0,
    };

    /// <summary>The timestamp goes on by itself: it changed if a host has set it.</summary>
    private void WriteFeatureData(AssociationState association)
    {
        Timestamp timestamp = _drive.Clock.At(_now);
        Timestamp origin = _drive.Clock.At(Core.SimTime.Zero);
        _writer.Attribute(
            (ushort)InterfaceAttribute.FeatureData,
            KeyOf(0, (uint)FeatureId.Timestamp),
            WireStruct.Bytes(ref timestamp),
            compared: WireStruct.Bytes(ref origin));
        _writer.Attribute(
            InterfaceAttribute.FeatureData, KeyOf(0, (uint)FeatureId.HostBehaviorSupport), association.HostBehavior);
    }

    private static NamespaceState DescribeNamespace(Namespace ns)
    {
        var state = new NamespaceState
        {
            Nsid = ns.Nsid,
            BlockShift = (byte)ns.BlockShift,
            Flags = (byte)(ns.IsShared ? 1 : 0),
            Blocks = ns.BlockCount,
        };
        ns.Identity.Nguid.CopyTo(state.Nguid);
        ns.Identity.Uuid.CopyTo(state.Uuid);
        ns.Identity.Eui64.CopyTo(state.Eui64);
        return state;
    }

    private void WriteReservation(Namespace ns)
    {
        Reservations reservations = ns.Reservations;
        byte[] value = new byte[ReservationState.Size + (reservations.Registrants.Count * ReservationRegistrant.Size)];
        ref ReservationState state = ref WireStruct.As<ReservationState>(value.AsSpan(0, ReservationState.Size));
        state.Generation = reservations.Generation;
        state.Type = (byte)reservations.Type;
        state.Flags = (byte)(reservations.Persists ? 1 : 0);
        state.Registrants = (ushort)reservations.Registrants.Count;
        BinaryPrimitives.WriteUInt128LittleEndian(state.Holder, reservations.Holder);
        Span<ReservationRegistrant> registrants =
            MemoryMarshal.Cast<byte, ReservationRegistrant>(value.AsSpan(ReservationState.Size));
        for (int i = 0; i < registrants.Length; i++)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(registrants[i].HostId, reservations.Registrants[i].HostId);
            registrants[i].Key = reservations.Registrants[i].Key;
        }

        _writer.Attribute((ushort)InterfaceAttribute.Reservation, ns.Nsid, value);
    }

    private void WriteStreams(Namespace ns)
    {
        UInt128 host = _target.Host.HostId;
        ushort[] open = _drive.Streams.OpenIn(host, ns.Nsid);
        byte[] value = new byte[StreamsState.Size + (open.Length * U16Le.Size)];
        WireStruct.Write(value, new StreamsState
        {
            Flags = _drive.Streams.IsEnabled(host, ns.Nsid) ? (ushort)1 : (ushort)0,
            Allocated = (ushort)_drive.Streams.AllocatedTo(host, ns.Nsid),
            Open = (ushort)open.Length,
        });
        for (int i = 0; i < open.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(StreamsState.Size + (i * U16Le.Size)), open[i]);
        _writer.Attribute((ushort)InterfaceAttribute.Streams, ns.Nsid, value);
    }

    /// <summary>A list that is empty is there too, so that a delta can empty it.</summary>
    private void WriteList<T>(InterfaceAttribute type, IReadOnlyList<T> list)
        where T : unmanaged => _writer.Attribute((ushort)type, 0, MemoryMarshal.AsBytes<T>(list.ToArray()));
}
