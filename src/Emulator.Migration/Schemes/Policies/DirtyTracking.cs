using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// Dirty block tracking, and assist: all requests go to the source, and a bitmap notes what was written. Rounds copy what
/// is dirty until little is, or until it is the same for several rounds; the rest is copied while the VM is paused.
/// </summary>
internal sealed class DirtyTracking(TwoLevelBitmap toCopy, SchemeOptions options, int blockShift) : SchemePolicy(toCopy)
{
    private readonly TwoLevelBitmap _dirty = new(toCopy.Length);
    private int _rounds;
    private int _stableRounds;
    private long _lastDirty;
    private long _roundBlocks;
    private bool _isMirroring;
    private bool _hasFallenBack;

    public override bool HasConverged => !_hasFallenBack;

    // A write that overtakes the copy of its block is dirty, and copied again: nothing has to wait.
    public override bool IsOrdered => _isMirroring;

    public override bool NotesWritten => !_isMirroring;

    public override long BlocksDirty => _dirty.Count;

    public override bool FallsBehind => _rounds > 0 && ShareGrowth.IsDue((ulong)_dirty.Count, (ulong)_roundBlocks);

    public override Sides Flush => _isMirroring ? Sides.Both : Sides.Source;

    public override Sides Read(ulong lba) => Sides.Source;

    public override Sides Write(ulong lba) => _isMirroring && !ToCopy[(long)lba] ? Sides.Both : Sides.Source;

    /// <remarks>
    /// Noted when the source has it: noted before, a round could take the block, read what was there, and the write be
    /// forgotten.
    /// </remarks>
    public override void Written(ulong startLba, uint blocks) => _dirty.Set((long)startLba, blocks);

    public override PassResult EndPass(bool isPaused)
    {
        long dirty = _dirty.Count;
        if (isPaused)
            return dirty == 0 ? PassResult.Converged : NextRound();
        if (_isMirroring)
            return dirty == 0 ? PassResult.Converged : NextRound();
        if (dirty << blockShift <= options.ConvergedBytes)
            return PassResult.Converged;
        _hasFallenBack = IsStable(dirty);
        if (_hasFallenBack)
            return PassResult.Converged;
        if (_rounds < options.MostRounds)
            return NextRound();
        _hasFallenBack = true;
        if (options.FallBack == DirtyFallBack.Mirror)
        {
            _isMirroring = true;
            return NextRound();
        }

        return options.FallBack == DirtyFallBack.GiveUp ? PassResult.GiveUp : PassResult.Converged;
    }

    public override void Dispose()
    {
        _dirty.Dispose();
        base.Dispose();
    }

    private PassResult NextRound()
    {
        _rounds++;
        ToCopy.UnionWith(_dirty);
        _roundBlocks = _dirty.Count;
        _dirty.Clear();
        return PassResult.GoOn;
    }

    private bool IsStable(long dirty)
    {
        bool isAlike = _rounds > 0 && Math.Abs(dirty - _lastDirty) * 100 <= _lastDirty * options.StablePercent;
        _stableRounds = isAlike ? _stableRounds + 1 : 0;
        _lastDirty = dirty;
        return _stableRounds >= options.StableRounds;
    }
}
