using System.Numerics;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Identify: the data structures about the controller (Base 2.1, 5.1.13.2.1). What is offered here works.</summary>
public sealed partial class Controller
{
    /// <summary>CMIC: several ports, several controllers, ANA reporting.</summary>
    private const byte MultiPathCapabilities = 0b1011;

    /// <summary>VWC bits 2:1: Flush takes FFFFFFFFh.</summary>
    private const byte FlushTakesBroadcast = 0b110;

    /// <summary>VWC bit 0: acknowledged writes may be lost with the power until they are flushed.</summary>
    private const byte VolatileWriteCachePresent = 0b001;

    /// <summary>Seconds that an ANA state lasts at most before it can be used again; it changes at once.</summary>
    private const byte AnaTransitionSeconds = 10;

    private const byte OneSelfTestAtATime = 1;

    internal const int WarningTemperature = 343;
    private const int CriticalTemperature = 353;

    private const AsyncEventNotices NoticesOffered =
        AsyncEventNotices.AttachedNamespaceAttribute
        | AsyncEventNotices.FirmwareActivation
        | AsyncEventNotices.AsymmetricNamespaceAccessChange;

    /// <summary>Notices that this controller sends once the host has enabled them.</summary>
    protected override AsyncEventNotices OfferedNotices => NoticesOffered;

    /// <summary>OACS: what changes the drive for others is for those who may administer it.</summary>
    private OptionalAdminCommands OfferedAdminCommands =>
        OptionalAdminCommands.FormatNvm
        | OptionalAdminCommands.DeviceSelfTest
        | OptionalAdminCommands.Directives
        | (MayAdminister ? OptionalAdminCommands.Firmware | OptionalAdminCommands.NamespaceManagement : 0);

    private const OptionalNvmCommands OfferedNvmCommands =
        OptionalNvmCommands.Compare
        | OptionalNvmCommands.WriteUncorrectable
        | OptionalNvmCommands.DatasetManagement
        | OptionalNvmCommands.WriteZeroes
        | OptionalNvmCommands.SaveAndSelect
        | OptionalNvmCommands.Timestamp
        | OptionalNvmCommands.Verify
        | OptionalNvmCommands.Copy;

    private Status ReportController(Span<byte> page)
    {
        ref IdentifyController report = ref WireStruct.As<IdentifyController>(page);
        WriteIdentity(ref report);
        WriteAdminCapabilities(ref report);
        WriteIoCapabilities(ref report);
        WriteFabricsCapabilities(ref report);
        report.Vmas = VmasSupportStructure;
        return Status.Success;
    }

    private void WriteIdentity(ref IdentifyController report)
    {
        TextField.WritePadded(report.Sn, _drive.Options.SerialNumber);
        TextField.WritePadded(report.Mn, _drive.Options.ModelNumber);
        TextField.WritePadded(report.Fr, _drive.FirmwareRevision);
        TextField.TryWriteTerminated(report.Subnqn, _drive.Nqn);
        report.Cntlid = Id;
        report.Ver = ControllerProperty.Version210;
        report.Cntrltype = ControllerType.Io;
        report.Nvmsr = 1;
        report.Cmic = MultiPathCapabilities;
        report.Mdts = (byte)BitOperations.Log2((uint)(MaxTransferBytes / FlashGeometry.PageBytes));
    }

    private void WriteAdminCapabilities(ref IdentifyController report)
    {
        report.Oaes = (uint)OfferedNotices;
        report.Ctratt = (uint)(ControllerAttributes.HostIdentifier128
            | ControllerAttributes.NamespaceGranularity
            | ControllerAttributes.UuidList);
        report.Oacs = (ushort)OfferedAdminCommands;
        report.Acl = AbortLimit - 1;
        report.Aerl = AsyncEventRequestLimit - 1;
        report.Frmw = MayAdminister ? FirmwareUpdates : (byte)0;
        report.Lpa = (byte)OfferedLogAttributes;
        report.Elpe = ErrorLog.Entries - 1;
        report.Wctemp = WarningTemperature;
        report.Cctemp = CriticalTemperature;
        report.Mtfa = 1;
        report.Tnvmcap = _drive.Namespaces.TotalBytes;
        report.Unvmcap = _drive.Namespaces.UnallocatedBytes;
        report.Edstt = SelfTest.ExtendedMinutes;
        report.Dsto = OneSelfTestAtATime;
        report.Fwug = NoGranularity;
        report.Kas = (ushort)(KeepAliveGranularityMilliseconds / 100);
        report.Sanicap = MayAdminister ? (uint)SanitizeOperation.Capabilities : 0;
        report.Anatt = AnaTransitionSeconds;
        report.Anacap = OfferedAnaStates;
        report.Anagrpmax = AnaGroup;
        report.Nanagrpid = AnaGroup;
        report.Pels = PersistentEventLog.SizeUnits;
        report.Psd[0].Mp = MaximumPowerCentiwatts;
    }

    private void WriteIoCapabilities(ref IdentifyController report)
    {
        int largestTransferBlocks = MaxTransferBytes / FlashGeometry.PageBytes;
        report.Sqes = 0x66;
        report.Cqes = 0x44;
        report.Maxcmd = (ushort)MaxQueueEntries;
        report.Nn = (uint)_drive.Namespaces.Limit;
        report.Mnan = (uint)_drive.Namespaces.Limit;
        report.Oncs = (ushort)(OfferedNvmCommands | OfferedReservations);
        report.Fuses = 1;
        report.Vwc = (byte)(FlushTakesBroadcast | (HasVolatileWriteCache ? VolatileWriteCachePresent : 0));
        report.Awun = (ushort)(largestTransferBlocks - 1);
        report.Acwu = (ushort)(largestTransferBlocks - 1);
        report.Cdfs = 1;
        report.Sgls = SglSupport;
    }

    private void WriteFabricsCapabilities(ref IdentifyController report)
    {
        const int unit = 16;
        report.Ioccsz = (uint)((SubmissionEntry.Size + _drive.Options.InCapsuleDataBytes) / unit);
        report.Iorcsz = CompletionEntry.Size / unit;
        report.Msdbd = 1;
        report.Ofcs = 1;
    }

    /// <summary>CNS 06h (NVM 1.1, 4.1.5.4): no limits but those of the transfer.</summary>
    private static Status ReportNvmController(byte commandSet, Span<byte> page)
    {
        if (commandSet != NvmCommandSet)
            return Status.InvalidField;
        const ushort reportsAllocatedBlocks = 1;
        ref IdentifyNvmController report = ref WireStruct.As<IdentifyNvmController>(page);
        report.Ver = NvmCommandSetVersion;
        report.Aocs = reportsAllocatedBlocks;
        return Status.Success;
    }

    /// <summary>Version 1.1 of the NVM Command Set Specification.</summary>
    private const uint NvmCommandSetVersion = 0x0001_0100;

    /// <summary>Power state 0, the only one, in units of 10 mW.</summary>
    private const ushort MaximumPowerCentiwatts = 1000;

    /// <summary>Abort commands that may be outstanding; each is over when it is seen.</summary>
    private const int AbortLimit = 4;
}
