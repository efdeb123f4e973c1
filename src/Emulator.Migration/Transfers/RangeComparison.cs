using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// Finds out what the destination holds already: asks it for checksums of ranges, log page D5h, some ahead, and compares
/// them with its own, one range a step. Ranges that differ are to be copied; nothing else may be until it is over.
/// <para>
/// Before a namespace is begun the destination makes durable what it holds of it: what was found equal stays so when a
/// connection is lost, and is not compared again.
/// </para>
/// </summary>
internal sealed partial class RangeComparison
{
    private readonly IReadOnlyList<ICopySource> _sources;
    private readonly CopyLoop _loop;
    private readonly int _granuleShift;
    private int _rangeShift;
    private int _source;
    private ulong _range;
    private SimTime _readDone;

    /// <param name="loop">Takes the ranges that differ.</param>
    /// <param name="granuleShift">Base-two logarithm of the bytes of a granule of the loop.</param>
    /// <param name="rangeShift">The same of a range; at least a granule, here and there.</param>
    public RangeComparison(IReadOnlyList<ICopySource> sources, CopyLoop loop, int granuleShift, int rangeShift)
    {
        _sources = sources;
        _loop = loop;
        _granuleShift = granuleShift;
        _rangeShift = Math.Max(granuleShift, rangeShift);
        foreach (ICopySource source in sources)
            BytesToCompare += source.BlockCount << source.BlockShift;
    }

    /// <summary>Every range is compared.</summary>
    public bool IsOver => _source == _sources.Count;

    /// <summary>Why it cannot go on; empty while it can.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>With which the peer refused a command; success otherwise.</summary>
    public Status Status { get; private set; }

    public ulong BytesToCompare { get; private set; }

    public ulong BytesCompared { get; private set; }

    /// <summary>Of these, bytes that the destination held already.</summary>
    public ulong BytesEqual { get; private set; }

    /// <summary>When the range that was read last is there; never if it is.</summary>
    public SimTime NextEvent(SimTime now) => _readDone > now ? _readDone : SimTime.Never;

    /// <summary>Compares the next range, if the destination's checksum of it is there.</summary>
    /// <returns>Bytes that were compared, 0 for none.</returns>
    public int TryStep(SimTime now)
    {
        if (now < _readDone || !TryTakeDigest(out ReadOnlySpan<byte> there))
            return 0;
        ICopySource source = _sources[_source];
        Span<byte> here = stackalloc byte[DigestBytes];
        _readDone = source.Checksum(now, _range, _rangeShift, here);
        ulong bytes = Math.Min(1UL << _rangeShift, (source.BlockCount << source.BlockShift) - (_range << _rangeShift));
        if (here.SequenceEqual(there) && here.ContainsAnyExcept(byte.MaxValue))
            BytesEqual += bytes;
        else
            AddToCopy(source, _range, _range + 1);

        BytesCompared += bytes;
        BytesToCompare -= bytes;
        _range++;
        if (_range == RangesOf(source))
            EndNamespace();
        return (int)bytes;
    }

    /// <summary>It is not gone on with: nothing is known of what was not compared.</summary>
    public void AddRest()
    {
        for (; _source < _sources.Count; EndNamespace())
            AddToCopy(_sources[_source], _range, RangesOf(_sources[_source]));
    }

    private ulong RangesOf(ICopySource source) => (((source.BlockCount << source.BlockShift) - 1) >> _rangeShift) + 1;

    private void AddToCopy(ICopySource source, ulong range, ulong end)
    {
        TwoLevelBitmap todo = _loop.ToDo(source.Nsid)!;
        int shift = _rangeShift - _granuleShift;
        long first = (long)range << shift;
        todo.Set(first, Math.Min((long)end << shift, todo.Length) - first);
    }

    private void EndNamespace()
    {
        _source++;
        _range = 0;
        ForgetAnswers();
    }
}
