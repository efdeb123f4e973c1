using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>
/// An I/O queue pair (struct spdk_nvme_qpair), which is polled: one thread at a time submits to it and polls it. It keeps its
/// controller alive until it is disposed.
/// </summary>
public sealed unsafe class SpdkQueuePair : SafeHandle
{
    /// <summary>ENOMEM: the queue is full.</summary>
    private const int NoMemory = -12;

    private readonly SpdkController _controller;
    private readonly SpdkCall _call = new();

    internal SpdkQueuePair(nint queue, SpdkController controller)
        : base(0, ownsHandle: true)
    {
        bool added = false;
        controller.DangerousAddRef(ref added);
        _controller = controller;
        SetHandle(queue);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Submits a read (spdk_nvme_ns_cmd_read).</summary>
    /// <param name="buffer">At least as long as the blocks.</param>
    /// <returns>False when the queue is full.</returns>
    /// <exception cref="SpdkException">The command cannot be submitted for another reason.</exception>
    public bool TryRead(uint nsid, SpdkBuffer buffer, ulong lba, uint blocks, SpdkCall call, Action<SpdkCompletion>? completed = null)
    {
        CheckLength(nsid, buffer, blocks);
        void* context = call.Begin(buffer, completed);
        return WasSubmitted(call, SpdkNative.SubmitRead(handle, nsid, buffer.Pointer, lba, blocks, 0, SpdkCall.Callback, context));
    }

    /// <summary>Submits a write (spdk_nvme_ns_cmd_write).</summary>
    /// <inheritdoc cref="TryRead"/>
    public bool TryWrite(uint nsid, SpdkBuffer buffer, ulong lba, uint blocks, SpdkCall call, Action<SpdkCompletion>? completed = null)
    {
        CheckLength(nsid, buffer, blocks);
        void* context = call.Begin(buffer, completed);
        return WasSubmitted(call, SpdkNative.SubmitWrite(handle, nsid, buffer.Pointer, lba, blocks, 0, SpdkCall.Callback, context));
    }

    /// <summary>Submits any command (spdk_nvme_ctrlr_cmd_io_raw).</summary>
    /// <param name="entry">Its identifier and data pointer are filled in by SPDK.</param>
    /// <param name="buffer">Its data, all of it; null for none.</param>
    /// <inheritdoc cref="TryRead"/>
    public bool TrySubmit(in SubmissionEntry entry, SpdkBuffer? buffer, SpdkCall call, Action<SpdkCompletion>? completed = null)
    {
        void* context = call.Begin(buffer, completed);
        fixed (SubmissionEntry* bytes = &entry)
        {
            return WasSubmitted(call, SpdkNative.SubmitIo(
                handle, bytes, buffer == null ? null : buffer.Pointer, (uint)(buffer?.Length ?? 0), SpdkCall.Callback, context));
        }
    }

    /// <summary>Ends commands that are over (spdk_nvme_qpair_process_completions).</summary>
    /// <param name="most">0 for all.</param>
    /// <returns>How many ended.</returns>
    /// <exception cref="SpdkException">The connection is lost.</exception>
    public int Poll(uint most = 0)
    {
        int ended = SpdkNative.PollQueue(handle, most);
        return ended >= 0 ? ended : throw new SpdkException("the queue pair is lost", ended);
    }

    /// <summary>Reads and waits.</summary>
    public SpdkCompletion Read(uint nsid, SpdkBuffer buffer, ulong lba, uint blocks) =>
        Finish(TryRead(nsid, buffer, lba, blocks, _call));

    /// <summary>Writes and waits.</summary>
    public SpdkCompletion Write(uint nsid, SpdkBuffer buffer, ulong lba, uint blocks) =>
        Finish(TryWrite(nsid, buffer, lba, blocks, _call));

    /// <summary>Executes any command and waits.</summary>
    public SpdkCompletion Execute(in SubmissionEntry entry, SpdkBuffer? buffer = null) =>
        Finish(TrySubmit(entry, buffer, _call));

    /// <summary>Disconnects it (spdk_nvme_ctrlr_free_io_qpair), which aborts what is outstanding.</summary>
    protected override bool ReleaseHandle()
    {
        SpdkNative.FreeQueue(handle);
        if (!_call.IsOutstanding)
            _call.Dispose();
        _controller.DangerousRelease();
        return true;
    }

    private SpdkCompletion Finish(bool submitted)
    {
        if (!submitted)
            throw new SpdkException("the queue pair is full");
        while (_call.IsOutstanding)
            Poll();
        return _call.Completion;
    }

    private void CheckLength(uint nsid, SpdkBuffer buffer, uint blocks)
    {
        if (_controller.FindNamespace(nsid) is { } ns && (ulong)blocks * (uint)ns.BlockBytes > (ulong)buffer.Length)
            throw new ArgumentException($"{blocks} blocks do not fit into {buffer.Length} bytes.", nameof(buffer));
    }

    private static bool WasSubmitted(SpdkCall call, int error)
    {
        if (error == 0)
            return true;
        call.Cancel();
        return error == NoMemory ? false : throw new SpdkException("SPDK does not take a command", error);
    }
}
