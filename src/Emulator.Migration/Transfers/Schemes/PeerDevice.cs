using System.Numerics;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// A namespace of the drive at the other end as the destination of a scheme. Requests are cut into commands as long as the
/// peer takes them; a request is complete when all of its commands are.
/// </summary>
internal sealed class PeerDevice(PeerCommands commands, ISchemeVolume source) : IBlockDevice
{
    private const uint MostBlocks = 1 << 16;

    private Operation[] _operations = new Operation[64];
    private readonly Stack<int> _free = new();
    private int _count;

    private struct Operation
    {
        public int Tag;
        public int Commands;
        public bool HasFailed;
    }

    public uint Nsid => source.Nsid;

    public int BlockShift => source.BlockShift;

    public ulong BlockCount => source.BlockCount;

    /// <summary>Who hears of completions.</summary>
    public SchemeRun Run { get; set; } = null!;

    public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data)
    {
        int index = Take(tag);
        bool isOfHost = request.Origin != 0;
        if (isOfHost && request.Changes)
            source.WrittenThere(request);
        if (request.Operation == BlockOperation.Flush)
            Queue(index, PeerCommandKind.Flush, request, default);
        else if (request.Operation == BlockOperation.Write && !isOfHost)
            QueueCopy(index, request, data);
        else
            QueueParts(index, KindOf(request.Operation), request, data);
        commands.SendWaiting(now);
    }

    /// <summary>A command of an operation is over.</summary>
    public void Completed(SimTime now, int operation, bool isSuccess)
    {
        ref Operation done = ref _operations[operation];
        done.HasFailed |= !isSuccess;
        if (--done.Commands > 0)
            return;
        (int tag, bool hasFailed) = (done.Tag, done.HasFailed);
        _free.Push(operation);
        Run.Completed(now, tag, !hasFailed);
    }

    /// <summary>
    /// Blocks that cannot be read at the source cannot be read there either, and what is zero is deallocated there, as far
    /// as it goes by commands.
    /// </summary>
    private void QueueCopy(int index, in BlockRequest request, Memory<byte> data)
    {
        for (ulong lba = request.StartLba; lba < request.End;)
        {
            bool isUnreadable = source.Unreadable[(long)lba];
            ulong end = lba + 1;
            while (end < request.End && source.Unreadable[(long)end] == isUnreadable)
                end++;
            BlockRequest run = request with { StartLba = lba, Blocks = (uint)(end - lba) };
            Memory<byte> part = data.Slice((int)((lba - request.StartLba) << BlockShift), (int)(run.Blocks << BlockShift));
            PeerCommandKind kind = isUnreadable ? PeerCommandKind.MarkUncorrectable
                : part.Span.ContainsAnyExcept((byte)0) ? PeerCommandKind.Write
                : PeerCommandKind.Zero;
            QueueParts(index, kind, run, kind == PeerCommandKind.Write ? part : default);
            lba = end;
        }
    }

    private void QueueParts(int index, PeerCommandKind kind, in BlockRequest request, Memory<byte> data)
    {
        bool carriesData = kind is PeerCommandKind.Read or PeerCommandKind.Write;
        uint most = carriesData ? (uint)Math.Max(1, commands.CommandBytes >> BlockShift) : MostBlocks;
        for (ulong lba = request.StartLba; lba < request.End;)
        {
            var blocks = (uint)Math.Min(most, request.End - lba);
            Memory<byte> part = carriesData
                ? data.Slice((int)((lba - request.StartLba) << BlockShift), (int)(blocks << BlockShift))
                : default;
            Queue(index, kind, request with { StartLba = lba, Blocks = blocks }, part);
            lba += blocks;
        }
    }

    private void Queue(int index, PeerCommandKind kind, in BlockRequest range, Memory<byte> data)
    {
        _operations[index].Commands++;
        commands.Add(new PeerCommand(this, index, kind, range, data));
    }

    private int Take(int tag)
    {
        if (!_free.TryPop(out int index))
        {
            if (_count == _operations.Length)
                Array.Resize(ref _operations, (int)BitOperations.RoundUpToPowerOf2((uint)_count + 1));
            index = _count++;
        }

        _operations[index] = new Operation { Tag = tag };
        return index;
    }

    private static PeerCommandKind KindOf(BlockOperation operation) => operation switch
    {
        BlockOperation.Read => PeerCommandKind.Read,
        BlockOperation.Write => PeerCommandKind.Write,
        _ => PeerCommandKind.Zero,
    };
}

internal enum PeerCommandKind : byte
{
    Read,
    Write,
    Zero,
    MarkUncorrectable,
    Flush,
}

/// <summary>A command for a peer, which is a part of an operation.</summary>
internal readonly record struct PeerCommand(
    PeerDevice Device, int Operation, PeerCommandKind Kind, BlockRequest Range, Memory<byte> Data)
{
    public bool IsOfHost => Range.Origin != 0;

    public SubmissionEntry ToEntry()
    {
        if (Kind == PeerCommandKind.Flush)
            return new SubmissionEntry { Opcode = (byte)IoOpcode.Flush, Nsid = Device.Nsid };
        (IoOpcode opcode, uint flags) = Kind switch
        {
            PeerCommandKind.Read => (IoOpcode.Read, 0u),
            PeerCommandKind.Write => (IoOpcode.Write, Range.IsForced ? NvmCommandFields.Fua : 0),
            PeerCommandKind.Zero => (IoOpcode.WriteZeroes, NvmCommandFields.Deac | (Range.IsForced ? NvmCommandFields.Fua : 0)),
            _ => (IoOpcode.WriteUncorrectable, 0u),
        };
        return new SubmissionEntry
        {
            Opcode = (byte)opcode,
            Nsid = Device.Nsid,
            Cdw10And11 = Range.StartLba,
            Cdw12 = (Range.Blocks - 1) | flags,
        };
    }
}
