using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Section 2, interface: what stands against it.</summary>
internal sealed partial class StateRestore
{
    private const int MostWaitingEvents = 32;
    private const int MostReservationNotifications = 64;

    private Status InterfaceProblem()
    {
        if ((_image.Sections & StateSections.Interface) == 0)
            return Status.Success;
        foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in _image.Attributes)
        {
            if (id.Section != StateSectionType.Interface)
                continue;
            Status status = AttributeProblem((InterfaceAttribute)id.Type, id, value.Span);
            if (!status.IsSuccess)
                return status;
        }

        return Status.Success;
    }

    private Status AttributeProblem(InterfaceAttribute type, StateAttributeId id, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case InterfaceAttribute.Registers:
                return LengthProblem(value.Length == ControllerRegisters.Size);
            case InterfaceAttribute.Feature:
                return FeatureProblem(id, value);
            case InterfaceAttribute.FeatureData:
                return FeatureDataProblem((FeatureId)(byte)id.Part, value);
            case InterfaceAttribute.Namespace:
                return NamespaceProblem(id, value);
            case InterfaceAttribute.Reservation:
                return ReservationProblem(id, value);
            case InterfaceAttribute.Streams:
                return StreamsProblem(id, value);
            case InterfaceAttribute.HealthCounters:
                return LengthProblem(value.Length == HealthCounters.Size);
            case InterfaceAttribute.ErrorLog:
                return ListProblem(value, ErrorInformationEntry.Size, ErrorLog.Entries);
            case InterfaceAttribute.ChangedNamespaces:
                return ListProblem(value, U32Le.Size, NamespaceList.Size / U32Le.Size);
            case InterfaceAttribute.ReservationNotifications:
                return ListProblem(value, ReservationNotification.Size, MostReservationNotifications);
            case InterfaceAttribute.WaitingEvents:
                return ListProblem(value, U32Le.Size, MostWaitingEvents);
            default:
                return Status.Success;
        }
    }

    private static Status LengthProblem(bool isRight) => isRight ? Status.Success : Status.StorageStateInvalid;

    private static Status ListProblem(ReadOnlySpan<byte> value, int entryBytes, int most) =>
        LengthProblem(value.Length % entryBytes == 0 && value.Length <= most * entryBytes);

    /// <summary>A feature that this drive does not have is left out; a value that it cannot have is incompatible.</summary>
    private Status FeatureProblem(StateAttributeId id, ReadOnlySpan<byte> value)
    {
        if (value.Length != FeatureValue.Size)
            return Status.StorageStateInvalid;
        FeatureValue wanted = WireStruct.Read<FeatureValue>(value);
        if ((wanted.Flags & ~FeatureValue.IsSaved) != 0 || wanted.Reserved12 != 0)
            return Status.StorageStateInvalid;
        (FeatureId feature, byte part) = StateFeatures.FromPart(id.Part);
        if (!FeatureTable.TryFind(feature, out FeatureTraits traits))
            return Status.Success;

        bool isOfNamespace = traits.Scope is FeatureScope.Namespace or FeatureScope.Reservation;
        if (part >= StateFeatures.PartsOf(feature) || id.Part > ushort.MaxValue || isOfNamespace != (id.Nsid != 0))
            return Status.StorageStateInvalid;
        if (isOfNamespace && Find(id.Nsid) == null)
            return Status.StorageStateIncompatible;
        uint known = feature == FeatureId.AsynchronousEventConfiguration
            ? Controller.KnownAsyncEventConfiguration
            : traits.Fields;
        bool needsPersistence = feature == FeatureId.ReservationPersistence && wanted.Current != 0;
        return ((wanted.Current | wanted.Saved) & ~known) != 0 || (needsPersistence && !_drive.IsPersistent)
            ? Status.StorageStateIncompatible
            : Status.Success;
    }

    private static Status FeatureDataProblem(FeatureId feature, ReadOnlySpan<byte> value)
    {
        const int behaviorFlags = 4;
        return feature switch
        {
            FeatureId.Timestamp => LengthProblem(value.Length == Timestamp.Size),
            FeatureId.HostBehaviorSupport => LengthProblem(value.Length == HostBehaviorSupport.Size
                && !value[..behaviorFlags].ContainsAnyExceptInRange((byte)0, (byte)1)),
            _ => Status.Success,
        };
    }

    /// <summary>
    /// The namespace has to be there, of the same size and format. It takes over identifiers that are others, unless another
    /// VM knows it by those that it has.
    /// </summary>
    private Status NamespaceProblem(StateAttributeId id, ReadOnlySpan<byte> value)
    {
        if (value.Length != NamespaceState.Size)
            return Status.StorageStateInvalid;
        NamespaceState state = WireStruct.Read<NamespaceState>(value);
        if (state.Nsid != id.Key)
            return Status.StorageStateInvalid;
        if (Find(state.Nsid) is not { } ns || ns.BlockShift != state.BlockShift || ns.BlockCount != state.Blocks)
            return Status.StorageStateIncompatible;
        return IdentityIn(state).Equals(ns.Identity) || !IsSharedWithOthers(ns)
            ? Status.Success
            : Status.StorageStateIncompatible;
    }

    private bool IsSharedWithOthers(Namespace ns) => _drive.Controllers.Slots.Any(slot =>
        slot.Vm != _target.Slot.Vm && ns.IsAttachedTo(slot.Id) && !_drive.Controllers.IsManager(slot.Host));

    private Status ReservationProblem(StateAttributeId id, ReadOnlySpan<byte> value)
    {
        if (value.Length < ReservationState.Size)
            return Status.StorageStateInvalid;
        ReservationState state = WireStruct.Read<ReservationState>(value[..ReservationState.Size]);
        int length = ReservationState.Size + (state.Registrants * ReservationRegistrant.Size);
        if (value.Length != length || state.Flags > 1
            || state.Type > (byte)ReservationType.ExclusiveAccessAllRegistrants)
            return Status.StorageStateInvalid;
        if (!AreRegistrantsPossible(state, RegistrantsIn(value)))
            return Status.StorageStateInvalid;
        return id.Key > uint.MaxValue || Find((uint)id.Key) == null || (state.Flags != 0 && !_drive.IsPersistent)
            ? Status.StorageStateIncompatible
            : Status.Success;
    }

    /// <summary>Hosts are registered once, and who holds the reservation is.</summary>
    private static bool AreRegistrantsPossible(ReservationState state, ReadOnlySpan<ReservationRegistrant> registrants)
    {
        var hosts = new HashSet<UInt128>();
        foreach (ReservationRegistrant registrant in registrants)
        {
            if (!hosts.Add(Identifier(registrant.HostId)))
                return false;
        }

        UInt128 holder = Identifier(state.Holder);
        bool hasOneHolder = state.Type is not (0
            or (byte)ReservationType.WriteExclusiveAllRegistrants or (byte)ReservationType.ExclusiveAccessAllRegistrants);
        return hasOneHolder ? hosts.Contains(holder) : holder == 0 && (state.Type == 0 || hosts.Count > 0);
    }

    private Status StreamsProblem(StateAttributeId id, ReadOnlySpan<byte> value)
    {
        if (value.Length < StreamsState.Size)
            return Status.StorageStateInvalid;
        StreamsState state = WireStruct.Read<StreamsState>(value[..StreamsState.Size]);
        if (state.Flags > 1 || value.Length != StreamsState.Size + (state.Open * U16Le.Size))
            return Status.StorageStateInvalid;
        return id.Key > uint.MaxValue || Find((uint)id.Key) == null ? Status.StorageStateIncompatible : Status.Success;
    }
}
