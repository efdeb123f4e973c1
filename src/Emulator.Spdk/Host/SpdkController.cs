using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>What SPDK says of a namespace (spdk_nvme_ctrlr_get_ns).</summary>
/// <param name="Blocks">Logical blocks.</param>
/// <param name="BlockBytes">Bytes of one.</param>
public readonly record struct SpdkNamespace(ulong Blocks, int BlockBytes);

/// <summary>
/// An NVMe controller as SPDK's host sees it (struct spdk_nvme_ctrlr). One thread at a time may use it. It needs an environment,
/// <see cref="SpdkEnvironment"/> or <see cref="SpdkApplication"/>.
/// </summary>
public sealed unsafe class SpdkController : SafeHandle
{
    private const int IdentifyBytes = 4096;

    private readonly HostInfo _info;
    private readonly SpdkCall _call = new();

    private SpdkController(nint host)
        : base(0, ownsHandle: true)
    {
        SetHandle(host);
        SpdkNative.GetHostInfo(host, out _info);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>CNTLID.</summary>
    public ushort Id => _info.ControllerId;

    /// <summary>The longest transfer of a command in bytes (spdk_nvme_ctrlr_get_max_xfer_size).</summary>
    public int MaxTransferBytes => (int)Math.Min(_info.MaxTransferBytes, int.MaxValue);

    /// <summary>NN (spdk_nvme_ctrlr_get_num_ns).</summary>
    public uint NamespaceLimit => _info.Namespaces;

    /// <summary>Connects, enables and identifies a controller (spdk_nvme_connect), which may take seconds.</summary>
    /// <param name="transportId">As SPDK writes them: "trtype:TCP adrfam:IPv4 traddr:127.0.0.1 trsvcid:4420 subnqn:...".</param>
    /// <param name="hostNqn">Null for SPDK's own.</param>
    /// <exception cref="SpdkException">There is no such controller, or it does not let this host in.</exception>
    public static SpdkController Connect(string transportId, string? hostNqn = null, TimeSpan? keepAlive = null, int queueEntries = 0)
    {
        SpdkLibrary.Require();
        using var strings = new NativeStrings();
        HostOptions options = new()
        {
            Size = (uint)sizeof(HostOptions),
            Transport = strings.Add(transportId),
            HostNqn = strings.Add(hostNqn),
            KeepAliveMs = (uint)(keepAlive?.TotalMilliseconds ?? 0),
            QueueEntries = (uint)queueEntries,
        };
        nint host = SpdkNative.ConnectHost(&options, out int error);
        return host != 0 ? new SpdkController(host) : throw new SpdkException($"SPDK cannot connect to {transportId}", error);
    }

    /// <summary>Identify Controller as it was when SPDK connected (spdk_nvme_ctrlr_get_data).</summary>
    public IdentifyController Identify()
    {
        byte[] page = new byte[IdentifyBytes];
        fixed (byte* bytes = page)
            SpdkNative.GetHostIdentify(handle, bytes);
        return WireStruct.Read<IdentifyController>(page);
    }

    /// <summary>A namespace; null if it is not active (spdk_nvme_ctrlr_get_ns, spdk_nvme_ns_is_active).</summary>
    public SpdkNamespace? FindNamespace(uint nsid)
    {
        SpdkNative.GetHostNamespace(handle, nsid, out HostNamespace info);
        return info.IsActive != 0 ? new SpdkNamespace(info.Blocks, (int)info.BlockBytes) : null;
    }

    /// <summary>Submits an admin command (spdk_nvme_ctrlr_cmd_admin_raw); <see cref="PollAdmin"/> ends it.</summary>
    /// <param name="entry">Its identifier and data pointer are filled in by SPDK.</param>
    /// <param name="buffer">Its data, all of it; null for none.</param>
    /// <exception cref="SpdkException">It cannot be submitted.</exception>
    public void SubmitAdmin(in SubmissionEntry entry, SpdkBuffer? buffer, SpdkCall call, Action<SpdkCompletion>? completed = null)
    {
        void* context = call.Begin(buffer, completed);
        int error;
        fixed (SubmissionEntry* bytes = &entry)
            error = SpdkNative.SubmitAdmin(handle, bytes, buffer == null ? null : buffer.Pointer, (uint)(buffer?.Length ?? 0), SpdkCall.Callback, context);
        if (error == 0)
            return;
        call.Cancel();
        throw new SpdkException("SPDK does not take an admin command", error);
    }

    /// <summary>Ends admin commands that are over, and keeps the association alive (spdk_nvme_ctrlr_process_admin_completions).</summary>
    /// <returns>How many ended.</returns>
    /// <exception cref="SpdkException">The connection is lost.</exception>
    public int PollAdmin()
    {
        int ended = SpdkNative.PollAdmin(handle);
        return ended >= 0 ? ended : throw new SpdkException("the admin queue is lost", ended);
    }

    /// <summary>Executes an admin command and waits for it.</summary>
    public SpdkCompletion Admin(in SubmissionEntry entry, SpdkBuffer? buffer = null)
    {
        SubmitAdmin(entry, buffer, _call);
        while (_call.IsOutstanding)
            PollAdmin();
        return _call.Completion;
    }

    /// <summary>Connects a further I/O queue pair (spdk_nvme_ctrlr_alloc_io_qpair), to be disposed before the controller.</summary>
    /// <exception cref="SpdkException">There is none to be had.</exception>
    public SpdkQueuePair CreateQueuePair()
    {
        nint queue = SpdkNative.CreateQueue(handle);
        return queue != 0 ? new SpdkQueuePair(queue, this) : throw new SpdkException("SPDK cannot connect an I/O queue pair");
    }

    protected override bool ReleaseHandle()
    {
        SpdkNative.DetachHost(handle);
        if (!_call.IsOutstanding)
            _call.Dispose();
        return true;
    }
}
