using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

internal enum SchemeCommandKind : byte
{
    Read,
    Verify,
    Compare,
    Write,
    Zero,
    Copy,
    Flush,

    /// <summary>Of every namespace of the controller: what the cache holds of those without a scheme goes with the last.</summary>
    FlushAll,
}

/// <summary>
/// A command of a host while its namespace is under a scheme: requests to the scheme, one after the other. It is kept and
/// used again.
/// </summary>
internal sealed class SchemeCommand(int index)
{
    /// <summary>Requests of a command that names long ranges are no longer than this.</summary>
    private const ulong MostBlocks = 1 << 16;

    private readonly List<BlockRange> _ranges = [];
    private int _range;
    private ulong _done;

    /// <summary>Its number in the scheme's requests; their origin is one more.</summary>
    public int Index { get; } = index;

    public required SchemeCommandKind Kind { get; set; }

    public Controller Controller { get; set; } = null!;

    public QueuePair Queue { get; set; } = null!;

    public SubmissionEntry Entry { get; set; }

    /// <summary>The fronts that it needs: one, but for a flush of all namespaces.</summary>
    public List<NamespaceFront> Fronts { get; } = [];

    /// <summary>The front of the request that is due.</summary>
    public NamespaceFront Front => Fronts[Kind == SchemeCommandKind.FlushAll ? _range : 0];

    /// <summary>Data from the host, or for it.</summary>
    public Memory<byte> Data { get; set; }

    public byte[]? Rented { get; set; }

    /// <summary>The VM that writes.</summary>
    public VmCaching Writer { get; set; } = null!;

    public WriteStream Stream { get; set; }

    /// <summary>It is durable when it completes.</summary>
    public bool IsForced { get; set; }

    /// <summary>Why the source could not do it.</summary>
    public MediumStatus Failure { get; set; }

    /// <summary>The other half of a fused pair.</summary>
    public SchemeCommand? Partner { get; set; }

    /// <summary>Nobody else gets to its blocks until it is over.</summary>
    public bool HoldsLock { get; set; }

    /// <summary>Blocks that it reads, or writes where it writes only.</summary>
    public List<BlockRange> Ranges => _ranges;

    /// <summary>Where a copy writes.</summary>
    public BlockRange Target { get; set; }

    public bool Changes => Kind is SchemeCommandKind.Write or SchemeCommandKind.Zero or SchemeCommandKind.Copy;

    private int Steps => Kind switch
    {
        SchemeCommandKind.FlushAll => Fronts.Count,
        SchemeCommandKind.Flush => 1,
        SchemeCommandKind.Copy => _ranges.Count + 1,
        SchemeCommandKind.Verify when IsForced => _ranges.Count + 1,
        _ => _ranges.Count,
    };

    /// <summary>Every request has completed.</summary>
    public bool IsThrough => _range >= Steps;

    /// <summary>The request that is due.</summary>
    /// <param name="data">Its part of <see cref="Data"/>.</param>
    public BlockRequest Next(out Memory<byte> data)
    {
        data = default;
        int origin = Index + 1;
        if (Kind is SchemeCommandKind.Flush or SchemeCommandKind.FlushAll || (Kind == SchemeCommandKind.Verify && _range == _ranges.Count))
            return new BlockRequest(BlockOperation.Flush, 0, 0, Origin: origin);
        if (Kind == SchemeCommandKind.Copy && _range == _ranges.Count)
        {
            data = Data;
            return new BlockRequest(BlockOperation.Write, Target.Start, (uint)Target.Count, IsForced, origin);
        }

        BlockRange range = _ranges[_range];
        var blocks = (uint)Math.Min(range.Count - _done, MostBlocks);
        BlockOperation operation = Kind switch
        {
            SchemeCommandKind.Write => BlockOperation.Write,
            SchemeCommandKind.Zero => BlockOperation.Zero,
            _ => BlockOperation.Read,
        };
        int shift = Front.BlockShift;
        if (operation != BlockOperation.Zero)
            data = Data.Slice((int)(BlocksBefore << shift), (int)(blocks << shift));
        return new BlockRequest(operation, range.Start + _done, blocks, IsForced, origin);
    }

    /// <summary>The request that was due has completed.</summary>
    public void Step()
    {
        if (_range < _ranges.Count && Kind is not (SchemeCommandKind.Flush or SchemeCommandKind.FlushAll))
        {
            _done += Math.Min(_ranges[_range].Count - _done, MostBlocks);
            if (_done < _ranges[_range].Count)
                return;
        }

        _done = 0;
        _range++;
    }

    public void Clear()
    {
        (Controller, Queue, Partner, Rented, Writer) = (null!, null!, null, null, null!);
        (Data, Stream, Failure, Target) = (default, default, default, default);
        (IsForced, HoldsLock, _range, _done) = (false, false, 0, 0);
        _ranges.Clear();
        Fronts.Clear();
    }

    private ulong BlocksBefore
    {
        get
        {
            ulong blocks = _done;
            for (int i = 0; i < _range; i++)
                blocks += _ranges[i].Count;
            return blocks;
        }
    }
}
