using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Identify (Base 2.1, 5.1.13): the switch on CNS, and the lists.</summary>
public sealed partial class Controller
{
    private const int IdentifyBytes = 4096;

    /// <summary>Where the UUID of the vendor command set is in the UUID List.</summary>
    private const int VendorUuidIndex = 1;

    private const byte NvmCommandSet = 0;

    private CommandOutcome Identify(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint reservedOfDword10 = 0x0000_FF00;
        if ((entry.Cdw10 & reservedOfDword10) != 0 || !IsUuidIndexValid(entry.Cdw14, ofVendorCommandSet: true))
            return Failed(now, Status.InvalidField);
        if (data.Length < IdentifyBytes)
            return Failed(now, Status.DataSglLengthInvalid);

        data.Clear();
        return Ended(now, Identify(entry, data[..IdentifyBytes]));
    }

    /// <param name="page">Cleared; what is not written stays zero.</param>
    private Status Identify(in SubmissionEntry entry, Span<byte> page)
    {
        byte commandSet = (byte)(entry.Cdw11 >> 24);
        ushort controllerId = (ushort)(entry.Cdw10 >> 16);
        return (IdentifyCns)(byte)entry.Cdw10 switch
        {
            IdentifyCns.Namespace => ReportNamespace(entry.Nsid, page),
            IdentifyCns.Controller => ReportController(page),
            IdentifyCns.ActiveNamespaceList => ListNamespaces(ActiveNamespaces, entry.Nsid, page),
            IdentifyCns.NamespaceIdentificationDescriptors => ReportDescriptors(entry.Nsid, page),
            IdentifyCns.IoCommandSetNamespace => ForNvm(commandSet, ReportNvmNamespace(entry.Nsid, page)),
            IdentifyCns.IoCommandSetController => ReportNvmController(commandSet, page),
            IdentifyCns.IoCommandSetActiveNamespaceList =>
                ForNvm(commandSet, ListNamespaces(ActiveNamespaces, entry.Nsid, page)),
            IdentifyCns.IndependentNamespace => ReportIndependentNamespace(entry.Nsid, allocated: false, page),
            IdentifyCns.AllocatedNamespaceList => ListNamespaces(VisibleNamespaces, entry.Nsid, page),
            IdentifyCns.AllocatedNamespace => ReportAllocatedNamespace(entry.Nsid, page),
            IdentifyCns.NamespaceAttachedControllerList => ListAttachedControllers(entry.Nsid, controllerId, page),
            IdentifyCns.ControllerList => ListControllers(controllerId, page),
            IdentifyCns.NamespaceGranularityList => ListGranularity(page),
            IdentifyCns.UuidList => ListUuids(page),
            IdentifyCns.IoCommandSetAllocatedNamespaceList =>
                ForNvm(commandSet, ListNamespaces(VisibleNamespaces, entry.Nsid, page)),
            IdentifyCns.IoCommandSetAllocatedNamespace => ForNvm(commandSet, ReportAllocatedNvmNamespace(entry.Nsid, page)),
            IdentifyCns.IndependentAllocatedNamespace => ReportIndependentNamespace(entry.Nsid, allocated: true, page),
            _ => Status.InvalidField,
        };
    }

    /// <summary>What depends on a command set is there for the one that the controller has.</summary>
    private static Status ForNvm(byte commandSet, Status status) =>
        commandSet == NvmCommandSet ? status : Status.InvalidField;

    /// <summary>Namespace lists (Base 2.1, 5.1.13.2.2 and others): NSIDs above <paramref name="after"/>.</summary>
    private static Status ListNamespaces(IEnumerable<Namespace> namespaces, uint after, Span<byte> page)
    {
        if (after >= 0xFFFF_FFFE)
            return Status.InvalidNamespaceOrFormat;

        int count = 0;
        foreach (Namespace ns in namespaces)
        {
            if (ns.Nsid > after && count < NamespaceList.MaximumEntries)
                NamespaceList.SetEntry(page, count++, ns.Nsid);
        }

        return Status.Success;
    }

    /// <summary>CNS 12h: controllers that a namespace is attached to, as far as this host may know of them.</summary>
    private Status ListAttachedControllers(uint nsid, ushort from, Span<byte> page)
    {
        if (nsid == BroadcastNsid)
            return Status.InvalidField;
        if (FindVisible(nsid) is not { } ns)
            return NamespaceProblem(nsid);

        foreach (ControllerSlot slot in KnownControllers)
        {
            if (slot.Id >= from && ns.IsAttachedTo(slot.Id))
                ControllerList.TryAppend(page, slot.Id);
        }

        return Status.Success;
    }

    /// <summary>CNS 13h: controllers of the subsystem, as far as this host may know of them.</summary>
    private Status ListControllers(ushort from, Span<byte> page)
    {
        foreach (ControllerSlot slot in KnownControllers)
        {
            if (slot.Id >= from)
                ControllerList.TryAppend(page, slot.Id);
        }

        return Status.Success;
    }

    /// <summary>CNS 16h: what namespaces of either format take from the capacity.</summary>
    private static Status ListGranularity(Span<byte> page)
    {
        ref NamespaceGranularityList list = ref WireStruct.As<NamespaceGranularityList>(page);
        list.Ngd[0].Nsg = NamespaceMap.SegmentBytes;
        list.Ngd[0].Ncg = NamespaceMap.SegmentBytes;
        return Status.Success;
    }

    /// <summary>CNS 17h: the vendor command set alone; entry 0 is reserved.</summary>
    private static Status ListUuids(Span<byte> page)
    {
        Span<byte> listEntry = page.Slice(VendorUuidIndex * UuidListEntry.Size, UuidListEntry.Size);
        VendorCommandSet.Uuid.CopyTo(WireStruct.As<UuidListEntry>(listEntry).Uuid);
        return Status.Success;
    }
}
