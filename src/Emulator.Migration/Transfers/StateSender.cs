using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>Sends a storage state to a peer with Set Features D1h, chunk after chunk.</summary>
internal sealed class StateSender(ushort targetThere)
{
    private const int MostChunkBytes = 64 * 1024;

    private readonly StateWriter _writer = new();
    private IPeerQueue? _admin;
    private VmStorageStateFlags _flags;
    private int _sent;
    private int _chunkBytes;
    private int _slot = -1;

    /// <summary>What is sent: written before <see cref="Begin"/>.</summary>
    public StateWriter Writer => _writer;

    /// <summary>Between <see cref="Begin"/> and the last answer.</summary>
    public bool IsSending => _admin != null;

    /// <summary>How the last one ended.</summary>
    public Status Status { get; private set; }

    /// <summary>Bytes of states that the peer has applied.</summary>
    public ulong BytesApplied { get; private set; }

    public bool Owns(int slot) => slot == _slot;

    /// <param name="flags">DELTA and WARM_CACHE; FIRST and LAST are set as they are due.</param>
    /// <param name="mostBytes">The longest transfer that the peer takes.</param>
    public void Begin(SimTime now, IPeerQueue admin, VmStorageStateFlags flags, int mostBytes)
    {
        Check.That(!IsSending);
        _admin = admin;
        _flags = flags;
        _sent = 0;
        _chunkBytes = Math.Min(MostChunkBytes, mostBytes);
        Status = Status.Success;
        SendChunk(now);
    }

    /// <summary>The connection is gone: whatever was not answered is sent again as a whole.</summary>
    public void Forget() => (_admin, _slot) = (null, -1);

    public void Completed(SimTime now, int slot, PeerCompletion completion)
    {
        _admin!.Release(slot);
        _slot = -1;
        Status = completion.Status;
        if (Status.IsSuccess && _sent < _writer.Page.Length)
        {
            SendChunk(now);
            return;
        }

        if (Status.IsSuccess)
            BytesApplied += (ulong)_sent;
        _admin = null;
    }

    private void SendChunk(SimTime now)
    {
        Check.That(_admin!.TryAcquire(out _slot));
        ReadOnlySpan<byte> chunk = _writer.Page[_sent..];
        chunk = chunk[..Math.Min(chunk.Length, _chunkBytes)];
        VmStorageStateFlags flags = _sent == 0 ? VmStorageStateFlags.First : 0;
        if (_sent + chunk.Length == _writer.Page.Length)
            flags |= VmStorageStateFlags.Last | _flags;
        chunk.CopyTo(_admin.Buffer(_slot));
        _admin.Entry(_slot) = new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.SetFeatures,
            Cdw10 = (uint)FeatureId.VmStorageState,
            Cdw11 = ((uint)targetThere << 16) | (uint)flags,
            Cdw12 = (uint)_sent / sizeof(uint),
        };
        _sent += chunk.Length;
        _admin.Submit(now, _slot, chunk.Length);
    }
}
