using System.Net.Sockets;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// The host's end of a queue pair over NVMe/TCP: one connection, polled by one thread. All memory is allocated when the
/// queue is made; submitting and polling allocate nothing and make at most one recv and two sends a call.
/// </summary>
/// <remarks>
/// A command lives in a slot with a buffer of its own: <see cref="TryAcquire"/> a slot, fill <see cref="Entry"/> and
/// <see cref="Buffer"/>, <see cref="Submit"/>, and <see cref="Poll"/> until the sink has its completion. When the
/// connection breaks, every outstanding command completes with Command Aborted By Host (3h/71h) and
/// <see cref="Failure"/> says why.
/// </remarks>
public sealed unsafe partial class HostQueue : IDisposable
{
    /// <summary>Slot numbers take the low 12 bits of a CID, as they do in Linux.</summary>
    public const int MaximumDepth = 1 << SlotBits;

    private const int SlotBits = 12;

    private readonly HostOptions _host;
    private readonly HostQueueOptions _options;
    private readonly ICompletionSink? _sink;
    private readonly Socket _socket;
    private readonly int _handle;
    private readonly HostCommandSlot[] _slots;
    private readonly int[] _free;
    private int _freeCount;
    private readonly NativeMemoryBlock _buffers;
    private readonly byte* _buffersBase;

    private HostQueue(HostOptions host, HostQueueOptions options, ICompletionSink? sink, Socket socket)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Depth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Depth, MaximumDepth);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BufferBytes, ConnectData.Size);
        _host = host;
        _options = options;
        _sink = sink;
        _socket = socket;
        _handle = (int)socket.Handle;
        _slots = new HostCommandSlot[options.Depth];
        _free = new int[options.Depth];
        _unsent = new int[options.Depth];
        _buffers = new NativeMemoryBlock((long)options.Depth * options.BufferBytes);
        _buffersBase = _buffers.Pointer;
        _send = new NativeMemoryBlock(SendBufferBytes);
        _receive = new NativeMemoryBlock(ReceiveBufferBytes);
        for (int slot = options.Depth - 1; slot >= 0; slot--)
        {
            _slots[slot].Buffer = _buffersBase + ((long)slot * options.BufferBytes);
            _free[_freeCount++] = slot;
        }
    }

    public ushort QueueId => _options.QueueId;

    /// <summary>Commands that can be outstanding.</summary>
    public int Depth => _options.Depth;

    /// <summary>Bytes of the buffer of a slot.</summary>
    public int BufferBytes => _options.BufferBytes;

    /// <summary>CNTLID that the controller answered Connect with.</summary>
    public ushort ControllerId { get; private set; }

    /// <summary>Of the connection.</summary>
    internal int FileDescriptor => _handle;

    /// <summary>The socket did not take all that is to be sent.</summary>
    internal bool HasUnsent => _sendHead < _sendTail || _inPlaceLeft > 0 || _unsentCount > 0;

    /// <summary>Commands submitted and not completed.</summary>
    public int Outstanding { get; private set; }

    public bool IsConnected => Failure == null;

    /// <summary>Why the connection is gone; null while it is not.</summary>
    public string? Failure { get; private set; }

    /// <summary>The request with which the controller terminated the connection, if it did.</summary>
    public TermReq? Termination { get; private set; }

    /// <summary>Takes a slot; false when all are in use.</summary>
    public bool TryAcquire(out int slot)
    {
        if (_freeCount == 0)
        {
            slot = -1;
            return false;
        }

        slot = _free[--_freeCount];
        ref HostCommandSlot taken = ref _slots[slot];
        taken.State = HostSlotState.Held;
        taken.IsAwaited = false;
        return true;
    }

    /// <summary>Gives back a slot that has no command outstanding.</summary>
    public void Release(int slot)
    {
        ref HostCommandSlot released = ref _slots[slot];
        Check.That(released.State == HostSlotState.Held);
        released.State = HostSlotState.Free;
        _free[_freeCount++] = slot;
    }

    /// <summary>The command of a slot, to be filled in before <see cref="Submit"/>; CID and SGL are the queue's.</summary>
    public ref SubmissionEntry Entry(int slot) => ref _slots[slot].Entry;

    /// <summary>The data of the command of a slot.</summary>
    public Span<byte> Buffer(int slot) => new(_slots[slot].Buffer, _options.BufferBytes);

    /// <summary>
    /// Hands a command to the connection; it goes out with the next <see cref="Poll"/> or <see cref="Flush"/>.
    /// </summary>
    /// <param name="slot">A slot that was acquired or has completed.</param>
    /// <param name="length">Bytes of data, at the start of the buffer; 0 for none.</param>
    public void Submit(int slot, int length)
    {
        ref HostCommandSlot command = ref _slots[slot];
        Check.That(command.State == HostSlotState.Held && (uint)length <= (uint)_options.BufferBytes);
        command.Length = length;
        command.Direction = length == 0 ? DataDirection.None : DataDirections.Of(command.Entry);
        command.Transferred = 0;
        command.Requested = 0;
        command.IsDamaged = false;
        command.Generation++;
        command.InCapsule = command.Direction == DataDirection.HostToController && length <= InCapsuleLimit(command);
        command.Entry.Cid = (ushort)(slot | (command.Generation << SlotBits));
        command.Entry.Psdt = DataTransferFormat.SglWithMetadataBuffer;
        command.Entry.Sgl1 = new SglDescriptor
        {
            Length = (uint)length,
            Type = command.InCapsule ? SglDescriptorType.DataBlock : SglDescriptorType.TransportDataBlock,
            SubType = command.InCapsule ? SglSubType.Offset : SglSubType.TransportSpecific,
        };
        command.State = HostSlotState.Unsent;
        Outstanding++;
        if (_unsentCount > 0 || !TryWriteCapsule(ref command))
            Enqueue(slot);
    }

    /// <summary>
    /// Sends what waits, receives what is there and completes commands.
    /// </summary>
    /// <returns>The number of commands that completed.</returns>
    public int Poll()
    {
        int before = _completed;
        if (IsConnected)
        {
            SendWaiting();
            Receive();
            SendWaiting();
        }

        if (!IsConnected && Outstanding > 0)
            AbandonAll();
        return _completed - before;
    }

    /// <summary>Sends what waits, as far as the socket takes it.</summary>
    public void Flush()
    {
        if (IsConnected)
            SendWaiting();
    }

    /// <summary>Closes the connection without a word. Outstanding commands complete at the next <see cref="Poll"/>.</summary>
    public void Close() => Break("closed by this host");

    public void Dispose()
    {
        Break("closed by this host");
        _socket.Dispose();
        _buffers.Dispose();
        _send.Dispose();
        _receive.Dispose();
    }
}
