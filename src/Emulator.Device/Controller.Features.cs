using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Set Features and Get Features (Base 2.1, 5.1.25 and 5.1.11): guards, and the switch on the feature.</summary>
public sealed partial class Controller
{
    /// <summary>SV of Set Features.</summary>
    private const uint SaveBit = 1u << 31;

    private CommandOutcome SetFeatures(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint reserved = 0x7FFF_FF00;
        var feature = (FeatureId)(byte)entry.Cdw10;
        if ((entry.Cdw10 & reserved) != 0 || !TryFindFeature(feature, out FeatureTraits traits))
            return Failed(now, Status.InvalidField);
        if (!IsUuidIndexValid(entry.Cdw14, traits.Scope == FeatureScope.Vendor))
            return Failed(now, Status.InvalidField);

        Status status = FeatureNamespaceProblem(entry.Nsid, traits.Scope, isSet: true);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((entry.Cdw10 & SaveBit) != 0 && !traits.IsSaveable)
            return Failed(now, Status.FeatureNotSaveable);
        if ((entry.Cdw11 & ~traits.Fields) != 0)
            return Failed(now, Status.InvalidField);
        return SetFeature(now, feature, entry, data);
    }

    private CommandOutcome SetFeature(SimTime now, FeatureId feature, in SubmissionEntry entry, Span<byte> data) =>
        feature switch
        {
            FeatureId.TemperatureThreshold => SetTemperatureThreshold(now, entry),
            FeatureId.VolatileWriteCache => SetVolatileWriteCache(now, entry),
            FeatureId.NumberOfQueues => SetNumberOfQueues(now, entry),
            FeatureId.InterruptCoalescing => SetUnchangeable(now, entry, value: 0),
            FeatureId.InterruptVectorConfiguration => SetUnchangeable(now, entry, value: (ushort)entry.Cdw11),
            FeatureId.AsynchronousEventConfiguration => SetAsyncEventConfiguration(now, entry),
            FeatureId.Timestamp => SetTimestamp(now, data),
            FeatureId.KeepAliveTimer => SetKeepAliveTimer(now, entry),
            FeatureId.HostBehaviorSupport => SetHostBehavior(now, data),
            FeatureId.HostIdentifier => SetHostIdentifier(now, entry, data),
            FeatureId.ReservationNotificationMask or FeatureId.ReservationPersistence =>
                SetReservationFeature(now, entry),
            FeatureId.VmMigration => SetVmMigrationFeature(now, entry, data),
            FeatureId.VmStorageState => SetVmStorageState(now, entry, data),
            FeatureId.VmBinding => SetVmBinding(now, entry),
            FeatureId.VmWriteLimit => SetVmWriteLimit(now, entry),
            _ => SetStoredFeature(now, feature, entry),
        };

    private CommandOutcome GetFeatures(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint reserved = 0xFFFF_F800;
        var feature = (FeatureId)(byte)entry.Cdw10;
        var select = (FeatureSelect)(entry.Cdw10 >> 8 & 7);
        if ((entry.Cdw10 & reserved) != 0 || select > FeatureSelect.SupportedCapabilities)
            return Failed(now, Status.InvalidField);
        if (!TryFindFeature(feature, out FeatureTraits traits))
            return Failed(now, Status.InvalidField);
        if (!IsUuidIndexValid(entry.Cdw14, traits.Scope == FeatureScope.Vendor))
            return Failed(now, Status.InvalidField);

        data.Clear();
        if (select == FeatureSelect.SupportedCapabilities)
            return CommandOutcome.Success(now, traits.Capabilities);
        Status status = FeatureNamespaceProblem(entry.Nsid, traits.Scope, isSet: false);
        return status.IsSuccess ? GetFeature(now, feature, select, entry, data) : Failed(now, status);
    }

    /// <param name="data">Cleared; a feature writes as much of its data as the host asked for.</param>
    private CommandOutcome GetFeature(
        SimTime now, FeatureId feature, FeatureSelect select, in SubmissionEntry entry, Span<byte> data) =>
        feature switch
        {
            FeatureId.TemperatureThreshold => GetTemperatureThreshold(now, select, entry),
            FeatureId.NumberOfQueues => CommandOutcome.Success(now, QueuesGranted(select)),
            FeatureId.InterruptVectorConfiguration => CommandOutcome.Success(now, (ushort)entry.Cdw11),
            FeatureId.AsynchronousEventConfiguration =>
                CommandOutcome.Success(now, select == FeatureSelect.Current ? AsyncEventConfiguration : 0),
            FeatureId.Timestamp => GetTimestamp(now, select, data),
            FeatureId.KeepAliveTimer => CommandOutcome.Success(
                now, select == FeatureSelect.Current ? KeepAliveTimeoutMilliseconds : FeatureTable.DefaultKeepAliveTimeout),
            FeatureId.HostBehaviorSupport => GetHostBehavior(now, select, data),
            FeatureId.HostIdentifier => GetHostIdentifier(now, entry, data),
            FeatureId.ReservationNotificationMask or FeatureId.ReservationPersistence =>
                GetReservationFeature(now, entry),
            FeatureId.VmMigration => GetVmMigrationFeature(now, entry, data),
            FeatureId.VmStorageState => Failed(now, Status.InvalidField),
            FeatureId.VmBinding => GetVmBinding(now, select, entry),
            FeatureId.VmWriteLimit => GetVmWriteLimit(now, select, entry),
            _ => CommandOutcome.Success(now, StoredFeature(feature, select, entry.Nsid)),
        };

    /// <summary>A drive that loses nothing with the power has no feature that says whether it may.</summary>
    private bool TryFindFeature(FeatureId feature, out FeatureTraits traits) =>
        FeatureTable.TryFind(feature, out traits)
        && (feature != FeatureId.VolatileWriteCache || HasVolatileWriteCache);

    /// <summary>
    /// Which NSIDs a feature takes (Base 2.1, 4.4). Get Features of what belongs to the controller ignores the NSID;
    /// Set Features refuses to set it for a namespace alone.
    /// </summary>
    private Status FeatureNamespaceProblem(uint nsid, FeatureScope scope, bool isSet)
    {
        switch (scope)
        {
            case FeatureScope.Namespace when nsid == BroadcastNsid:
                return isSet ? Status.Success : Status.InvalidNamespaceOrFormat;
            case FeatureScope.Namespace:
                return FindActive(nsid) != null ? Status.Success : NamespaceProblem(nsid);
            case FeatureScope.Reservation:
                return FindActive(nsid) != null || (isSet && nsid == BroadcastNsid) ? Status.Success : Status.InvalidField;
            case FeatureScope.Vendor:
                return nsid is 0 or BroadcastNsid || FindActive(nsid) != null ? Status.Success : NamespaceProblem(nsid);
            default:
                if (nsid is 0 or BroadcastNsid)
                    return Status.Success;
                if (!IsNsidValid(nsid))
                    return Status.InvalidNamespaceOrFormat;
                return isSet ? Status.FeatureNotNamespaceSpecific : Status.Success;
        }
    }

    /// <summary>Features that nothing in the drive depends on, or that are looked up when they are needed.</summary>
    private CommandOutcome SetStoredFeature(SimTime now, FeatureId feature, in SubmissionEntry entry)
    {
        bool save = (entry.Cdw10 >> 31) != 0;
        FeatureTable.TryFind(feature, out FeatureTraits traits);
        if (traits.Scope != FeatureScope.Namespace)
        {
            StoreOf(traits.Scope, entry.Nsid).Set(feature, 0, entry.Cdw11, save);
            return CommandOutcome.Success(now);
        }

        foreach (Namespace ns in ActiveNamespaces)
        {
            if (entry.Nsid == BroadcastNsid || entry.Nsid == ns.Nsid)
                ns.Features.Set(feature, 0, entry.Cdw11, save);
        }

        return CommandOutcome.Success(now);
    }

    private uint StoredFeature(FeatureId feature, FeatureSelect select, uint nsid)
    {
        FeatureTable.TryFind(feature, out FeatureTraits traits);
        return Stored(StoreOf(traits.Scope, nsid), feature, part: 0, select, traits.Default);
    }

    private static uint Stored(FeatureStore store, FeatureId feature, byte part, FeatureSelect select, uint otherwise) =>
        select switch
        {
            FeatureSelect.Current => store.Current(feature, part, otherwise),
            FeatureSelect.Saved => store.Saved(feature, part, otherwise),
            _ => otherwise,
        };

    private FeatureStore StoreOf(FeatureScope scope, uint nsid) => scope switch
    {
        FeatureScope.Namespace => _drive.Namespaces.Find(nsid)!.Features,
        FeatureScope.NvmSubsystem => _drive.Features,
        _ => _slot.Features,
    };

    /// <summary>A feature that has one value: setting it to that changes nothing (Base 2.1, 5.1.25).</summary>
    private CommandOutcome SetUnchangeable(SimTime now, in SubmissionEntry entry, uint value) =>
        Ended(now, entry.Cdw11 == value ? Status.Success : Status.FeatureNotChangeable);
}
