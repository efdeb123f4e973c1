using System.Globalization;
using System.Net;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>Direct transfer: commands C5h and C8h, log page D8h.</summary>
internal sealed partial class DriveClient
{
    /// <summary>Has the drive move the VM to another one; Migration Busy is no failure, since then it does.</summary>
    public void StartTransfer(DirectTransferRequest request)
    {
        var entry = new SubmissionEntry { Opcode = (byte)AdminOpcode.DirectTransferStart, Cdw11 = (uint)Vm << 16 };
        HostCompletion completion = Execute(entry, WireStruct.Bytes(ref request));
        if (!completion.IsSuccess && !completion.Status.Matches(Wire.Status.MigrationBusy))
            throw new MigrateException($"the {Role} drive refuses to transfer: {completion.Status}");
    }

    public Status ControlTransfer(DirectTransferAction action) => Execute(
        new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.DirectTransferControl,
            Cdw10 = (uint)action,
            Cdw11 = (uint)Vm << 16,
        },
        []).Status;

    public DirectTransferProgress TransferProgress()
    {
        byte[] page = new byte[DirectTransferProgress.Size];
        Succeed("Get Log Page D8h", GetLog(LogPageId.DirectTransferProgress, page.Length, 0), page);
        return WireStruct.Read<DirectTransferProgress>(page);
    }

    /// <param name="options">Zeroes in it are the drive's defaults.</param>
    /// <param name="mode">What the first pass moves.</param>
    /// <param name="there">The VM at the destination.</param>
    /// <param name="convergedBytes">Rounds begin by themselves while more is dirty.</param>
    public static DirectTransferRequest RequestFor(MigrateOptions options, DirectTransferMode mode, ushort there, ulong convergedBytes)
    {
        IPEndPoint to = options.TransferEndPoint;
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Mode = (byte)mode,
            Form = (byte)options.Form,
            Scheme = (byte)options.Scheme,
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)(to.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? Wire.AddressFamily.Ipv4 : Wire.AddressFamily.Ipv6),
            TargetThere = there,
            Snapshot = mode == DirectTransferMode.SnapshotDelta ? options.Snapshot : (ushort)0,
            Flags = (uint)(DirectTransferFlags.Activate
                | (options.NoState ? DirectTransferFlags.NoState : 0)
                | (options.WarmCache ? DirectTransferFlags.WarmCache : 0)),
            BytesPerSecond = (ulong)options.BytesPerSecond,
            Queues = (byte)options.Queues,
            SharePercent = (byte)options.SharePercent,
            Depth = (ushort)options.Depth,
            CommandBytes = (uint)options.CommandBytes,
            ConvergedBytes = convergedBytes,
            ReconnectSeconds = (uint)options.ReconnectSeconds,
        };
        TextField.WritePadded(request.Traddr, to.Address.ToString());
        TextField.WritePadded(request.Trsvcid, to.Port.ToString(CultureInfo.InvariantCulture));
        TextField.TryWriteTerminated(request.Subnqn, options.Subsystem);
        TextField.TryWriteTerminated(request.Hostnqn, options.Manager);
        return request;
    }
}
