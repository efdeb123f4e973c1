using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Identify: the data structures about one namespace.</summary>
public sealed partial class Controller
{
    /// <summary>Every namespace is in this ANA group: what a VM may access is decided for the VM, not for a namespace.</summary>
    private const uint AnaGroup = 1;

    private const byte SharedNamespace = 1;

    /// <summary>DLFEAT: deallocated blocks read as zeroes, and Write Zeroes may deallocate.</summary>
    private const byte DeallocatedReadsZeroes = 0b1001;

    /// <summary>FPI: a format is over before its command is; nothing of it remains.</summary>
    private const byte FormatProgressSupported = 0x80;

    /// <summary>CNS 00h (NVM 1.1, 4.1.5.1): FFFFFFFFh asks for what namespaces have in common.</summary>
    private Status ReportNamespace(uint nsid, Span<byte> page)
    {
        if (nsid == BroadcastNsid)
        {
            WriteCommonCapabilities(page);
            return Status.Success;
        }

        if (FindActive(nsid) is { } ns)
            WriteNamespace(ns, page);
        return IsNsidValid(nsid) ? Status.Success : Status.InvalidNamespaceOrFormat;
    }

    /// <summary>CNS 11h: as CNS 00h, attached or not.</summary>
    private Status ReportAllocatedNamespace(uint nsid, Span<byte> page)
    {
        if (FindVisible(nsid) is { } ns)
            WriteNamespace(ns, page);
        return IsNsidValid(nsid) ? Status.Success : Status.InvalidNamespaceOrFormat;
    }

    /// <summary>CNS 05h: an inactive namespace, and what all have in common, is all zeroes.</summary>
    private Status ReportNvmNamespace(uint nsid, Span<byte> page)
    {
        WriteNvmNamespace(FindActive(nsid), page);
        return IsNsidValid(nsid) || nsid == BroadcastNsid ? Status.Success : Status.InvalidNamespaceOrFormat;
    }

    /// <summary>CNS 1Bh.</summary>
    private Status ReportAllocatedNvmNamespace(uint nsid, Span<byte> page)
    {
        WriteNvmNamespace(FindVisible(nsid), page);
        return IsNsidValid(nsid) ? Status.Success : Status.InvalidNamespaceOrFormat;
    }

    /// <summary>CNS 08h and 1Fh (Base 2.1, 5.1.13.2.8).</summary>
    private Status ReportIndependentNamespace(uint nsid, bool allocated, Span<byte> page)
    {
        if (!IsNsidValid(nsid) && (allocated || nsid != BroadcastNsid))
            return Status.InvalidNamespaceOrFormat;

        Namespace? ns = allocated ? FindVisible(nsid) : FindActive(nsid);
        ref IdentifyIndependentNamespace report = ref WireStruct.As<IdentifyIndependentNamespace>(page);
        if (nsid == BroadcastNsid || ns != null)
        {
            report.Rescap = (byte)ReservationSupport;
            report.Fpi = FormatProgressSupported;
        }

        if (ns == null)
            return Status.Success;
        report.Nmic = ns.IsShared ? SharedNamespace : (byte)0;
        report.Anagrpid = AnaGroup;
        report.Nstat = 1;
        return Status.Success;
    }

    /// <summary>CNS 03h (Base 2.1, 5.1.13.2.3).</summary>
    private Status ReportDescriptors(uint nsid, Span<byte> page)
    {
        if (FindActive(nsid) is not { } ns)
            return NamespaceProblem(nsid);

        page = AppendDescriptor(page, NamespaceIdType.Eui64, ns.Identity.Eui64);
        page = AppendDescriptor(page, NamespaceIdType.Nguid, ns.Identity.Nguid);
        page = AppendDescriptor(page, NamespaceIdType.Uuid, ns.Identity.Uuid);
        AppendDescriptor(page, NamespaceIdType.Csi, [NvmCommandSet]);
        return Status.Success;
    }

    private static Span<byte> AppendDescriptor(Span<byte> page, NamespaceIdType type, ReadOnlySpan<byte> identifier)
    {
        WireStruct.As<NamespaceIdDescriptor>(page[..NamespaceIdDescriptor.Size]) =
            new NamespaceIdDescriptor { Nidt = type, Nidl = (byte)identifier.Length };
        identifier.CopyTo(page[NamespaceIdDescriptor.Size..]);
        return page[(NamespaceIdDescriptor.Size + identifier.Length)..];
    }

    private bool IsNsidValid(uint nsid) => nsid != 0 && nsid <= (uint)_drive.Namespaces.Limit;

    private ref IdentifyNamespace WriteCommonCapabilities(Span<byte> page)
    {
        ref IdentifyNamespace report = ref WireStruct.As<IdentifyNamespace>(page);
        report.Nlbaf = LbaFormats.Count - 1;
        for (int i = 0; i < LbaFormats.Count; i++)
            report.Lbaf[i].Lbads = (byte)LbaFormats.BlockShift((LbaFormatIndex)i);

        // A block of 512 bytes is written by reading and writing the page that it is in.
        report.Lbaf[(int)LbaFormatIndex.Bytes512].Rp = 2;
        report.Rescap = (byte)ReservationSupport;
        report.Fpi = FormatProgressSupported;
        report.Dlfeat = DeallocatedReadsZeroes;
        report.Mssrl = CopySourceRangeBlocks;
        report.Mcl = CopyBlocks;
        report.Msrc = CopySourceRangeCountZeroBased;
        return ref report;
    }

    private void WriteNamespace(Namespace ns, Span<byte> page)
    {
        ref IdentifyNamespace report = ref WriteCommonCapabilities(page);
        report.Nsze = ns.BlockCount;
        report.Ncap = ns.BlockCount;
        report.Nuse = ns.BlockCount;
        report.Flbas = (byte)ns.Format;
        report.Nmic = ns.IsShared ? SharedNamespace : (byte)0;
        report.Nvmcap = ns.AllocatedBytes;
        report.Anagrpid = AnaGroup;
        ns.Identity.Nguid.CopyTo(report.Nguid);
        ns.Identity.Eui64.CopyTo(report.Eui64);
        WritePreferredSizes(ns, ref report);
        if (_drive.Controllers.MayManage(Host, itself: true))
            WireStruct.Write(report.Vs, ns.FormSupport);
    }

    /// <summary>Writes and deallocation go by whole pages of the medium.</summary>
    private static void WritePreferredSizes(Namespace ns, ref IdentifyNamespace report)
    {
        ushort lastBlockOfPage = (ushort)((FlashGeometry.PageBytes >> ns.BlockShift) - 1);
        report.Nsfeat = (byte)NamespaceFeatures.OptimalPerformance;
        report.Npwg = lastBlockOfPage;
        report.Npwa = lastBlockOfPage;
        report.Npdg = lastBlockOfPage;
        report.Npda = lastBlockOfPage;
        report.Nows = lastBlockOfPage;
    }

    private static void WriteNvmNamespace(Namespace? ns, Span<byte> page)
    {
        if (ns != null)
            WireStruct.As<IdentifyNvmNamespace>(page).Tlbaag = (uint)FlashGeometry.PageBytes >> ns.BlockShift;
    }
}
