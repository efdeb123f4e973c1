using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Direct Transfer, opcodes C5h and C8h of the vendor command set (specs/vendor-commands.md). Guards come in the order
/// target, fields, state of the migration, resources.
/// </summary>
public sealed partial class Controller
{
    private const int MostTransferQueues = 8;
    private const int MostTransferDepth = 128;
    private const int MostTransferCommandBytes = 1 << 20;
    private const int LeastTransferCommandBytes = 4096;
    private const int LongestNqn = 223;

    /// <summary>A checksum is of whole pages of the translation layer.</summary>
    private const int LeastRangeShift = 12;

    /// <summary>C5h. The command ends before anything is connected: log page D8h tells what becomes of it.</summary>
    private CommandOutcome StartDirectTransfer(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        Status status = FindTransferTarget(entry, out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (entry.Cdw10 != 0u)
            return Failed(now, Status.InvalidField);
        if (data.Length < DirectTransferRequest.Size)
            return Failed(now, Status.DataSglLengthInvalid);
        if (ReadPlan(WireStruct.Read<DirectTransferRequest>(data[..DirectTransferRequest.Size]), target.Vm) is not { } plan)
            return Failed(now, Status.InvalidField);

        status = !target.Vm.IsSource ? Status.MigrationNotActive
            : target.Vm.IsTransferred || _drive.Transfers.Find(target.Vm) is { HasScheme: true } ? Status.MigrationBusy
            : plan.Scheme != DirectTransferScheme.None && !MayUseScheme(target) ? Status.OperationDenied
            : plan.Snapshot != 0 && !HasSnapshot(target.Vm, plan.Snapshot) ? Status.SnapshotNotFound
            : !_drive.Transfers.ArePossible || !_drive.NamespacesOf(target.Vm).Any() ? Status.TransferFailed
            : !_drive.Transfers.Connector.IsAddress(plan.Peer) ? Status.InvalidField
            : _drive.Transfers.IsFull ? Status.LimitReached
            : Status.Success;
        if (!status.IsSuccess)
            return Failed(now, status);
        _drive.Transfers.Start(now, plan, target);
        return CommandOutcome.Success(now);
    }

    private bool HasSnapshot(VmMonitor vm, ushort id) =>
        _drive.Snapshots.Find(id) is { } snapshot && _drive.NamespacesOf(vm).Any(ns => ns.Nsid == snapshot.Nsid);

    /// <summary>C8h.</summary>
    private CommandOutcome ControlDirectTransfer(SimTime now, in SubmissionEntry entry)
    {
        Status status = FindTransferTarget(entry, out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        var action = (DirectTransferAction)(byte)entry.Cdw10;
        if ((entry.Cdw10 & ~0xFFu) != 0 || action > DirectTransferAction.Finish)
            return Failed(now, Status.InvalidField);
        return _drive.Transfers.Find(target.Vm) is { } transfer
            ? Ended(now, transfer.Control(now, action))
            : Failed(now, Status.MigrationNotActive);
    }

    /// <summary>The target in bits 31:16 of dword 11; every other dword from there on is reserved.</summary>
    private Status FindTransferTarget(in SubmissionEntry entry, out VmTarget target)
    {
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out target);
        if (!status.IsSuccess)
            return status;
        uint nsid = entry.Nsid;
        bool isAboutVm = nsid is 0 or BroadcastNsid || FindActive(nsid) != null;
        if (!isAboutVm)
            return NamespaceProblem(nsid);
        return (ushort)entry.Cdw11 == 0 && entry.Cdw12 == 0 && entry.Cdw13 == 0 && entry.Cdw14 == 0 && entry.Cdw15 == 0
            ? Status.Success
            : Status.InvalidField;
    }

    /// <returns>Null if a field is malformed.</returns>
    private TransferPlan? ReadPlan(in DirectTransferRequest request, VmMonitor vm)
    {
        if (!AreHeaderFieldsValid(request) || !AreFieldsOfModeValid(request, vm.GranuleShift) || !AreLimitsValid(request)
            || !IsFormPossible(request, vm.GranuleShift)
            || !AreSchemeFieldsValid(request)
            || ReadPeer(request) is not { } peer)
            return null;
        var flags = (DirectTransferFlags)(uint)request.Flags;
        var standard = new TransferPlan { Peer = peer };
        return standard with
        {
            Mode = (DirectTransferMode)request.Mode,
            Form = (DirectTransferForm)request.Form,
            Snapshot = request.Snapshot,
            ChecksumRangeShift = request.ChecksumShift == 0
                ? standard.ChecksumRangeShift
                : Math.Max(vm.GranuleShift + request.ChecksumShift, LeastRangeShift),
            TargetThere = request.TargetThere,
            Activates = (flags & DirectTransferFlags.Activate) != 0,
            SendsState = (flags & DirectTransferFlags.NoState) == 0,
            WarmsCache = (flags & DirectTransferFlags.WarmCache) != 0,
            BytesPerSecond = request.BytesPerSecond,
            SharePercent = request.SharePercent == 0 ? standard.SharePercent : request.SharePercent,
            RaisesShare = request.SharePercent == 0,
            ConvergedBytes = request.ConvergedBytes == 0 ? standard.ConvergedBytes : request.ConvergedBytes,
            Scheme = (DirectTransferScheme)request.Scheme,
            SchemeOptions = ReadSchemeOptions(request),
            ReconnectTime = request.ReconnectSeconds == 0
                ? (request.Scheme == 0 ? standard.ReconnectTime : TransferPlan.ReconnectTimeUnderScheme)
                : SimDuration.FromSeconds((uint)request.ReconnectSeconds),
        };
    }

    private static bool AreHeaderFieldsValid(in DirectTransferRequest request) =>
        request.Version == 1
        && request.StructureSize == DirectTransferRequest.Size
        && request.Mode <= (byte)DirectTransferMode.DirtyRanges
        && request.Form <= (byte)DirectTransferForm.Stored
        && request.Trtype == (byte)TransportType.Tcp
        && request.Adrfam is (byte)AddressFamily.Ipv4 or (byte)AddressFamily.Ipv6
        && request.TargetThere <= VendorCommandSet.LastStreamTarget
        && (request.Flags & ~(uint)DirectTransferFlags.Mask) == 0
        && request.Reserved47 == 0
        && !((ReadOnlySpan<byte>)request.Reserved976).ContainsAnyExcept((byte)0)
        && !((ReadOnlySpan<byte>)request.Reserved1012).ContainsAnyExcept((byte)0)
        && !((ReadOnlySpan<byte>)request.Secret).ContainsAnyExcept((byte)0);

    private static bool AreFieldsOfModeValid(in DirectTransferRequest request, int granuleShift)
    {
        var mode = (DirectTransferMode)request.Mode;
        return (request.Snapshot != 0) == (mode == DirectTransferMode.SnapshotDelta)
            && (request.ChecksumShift == 0
                || (mode == DirectTransferMode.Checksums && granuleShift + request.ChecksumShift <= VendorCommandSet.LongestChecksumShift));
    }

    /// <summary>In stored form whole pages are moved, each with a header.</summary>
    private static bool IsFormPossible(in DirectTransferRequest request, int granuleShift) =>
        request.Form == (byte)DirectTransferForm.Decoded
        || (granuleShift >= LeastRangeShift
            && (request.CommandBytes == 0 || request.CommandBytes >= VendorCommandSet.LeastStoredPagesBytes));

    private static bool AreLimitsValid(in DirectTransferRequest request) =>
        request.Queues <= MostTransferQueues
        && request.SharePercent <= 100
        && request.Depth <= MostTransferDepth
        && (request.CommandBytes == 0 || IsCommandLength(request.CommandBytes));

    private static bool IsCommandLength(uint bytes) =>
        bytes is >= LeastTransferCommandBytes and <= MostTransferCommandBytes && BitOperations.IsPow2(bytes);

    /// <summary>Whom to connect to and as whom; null if a text is malformed.</summary>
    private PeerRequest? ReadPeer(in DirectTransferRequest request)
    {
        UInt128 hostId = BinaryPrimitives.ReadUInt128LittleEndian(request.Hostid);
        if (ReadNqn(request.Subnqn) is not { } subsystem || ReadNqn(request.Hostnqn) is not { } host)
            return null;
        var standard = new PeerRequest
        {
            Address = TextField.ReadPadded(request.Traddr),
            Service = TextField.ReadPadded(request.Trsvcid),
            SubsystemNqn = subsystem,
            HostNqn = host,
            HostId = hostId != 0 ? hostId : OwnHostId,
        };
        return standard with
        {
            IoQueues = request.Queues == 0 ? standard.IoQueues : request.Queues,
            Depth = request.Depth == 0 ? standard.Depth : request.Depth,
            CommandBytes = request.CommandBytes == 0 ? standard.CommandBytes : (int)(uint)request.CommandBytes,
        };
    }

    private static string? ReadNqn(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> text = TextField.Terminated(field);
        return text.Length is 0 or > LongestNqn || field[text.Length..].ContainsAnyExcept((byte)0)
            ? null
            : Encoding.UTF8.GetString(text);
    }

    /// <summary>The drive as a host: the same whenever it connects.</summary>
    private UInt128 OwnHostId
    {
        get
        {
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{_drive.Nqn} {_drive.Options.SerialNumber} direct transfer"));
            return BinaryPrimitives.ReadUInt128LittleEndian(hash);
        }
    }
}
