using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>By checksums: what the destination holds already is found out before anything is copied.</summary>
public sealed partial class DirectTransfer
{
    private readonly RangeComparison? _comparison;

    private bool IsComparing => _comparison is { IsOver: false };

    private void Compare(SimTime now, RangeComparison comparison)
    {
        if (!_isPaused)
        {
            comparison.Ask(now);
            CompareRanges(now, comparison);
            comparison.Ask(now);
        }

        _pacer.Rest(now);
        MeasureRate(now);
        if (comparison.Problem.Length > 0)
            Fail(DirectTransferReason.ChecksumFailed, comparison.Problem, comparison.Status);
        else if (comparison.IsOver)
            EndComparison(now);
    }

    /// <summary>Computing a checksum costs hosts what moving the range would, and no bandwidth.</summary>
    private void CompareRanges(SimTime now, RangeComparison comparison)
    {
        _isStarved = false;
        for (int budget = MostBytesOfCall; budget > 0 && !comparison.IsOver;)
        {
            if (_pacer.MayMove(now) == 0)
                return;
            int compared = comparison.TryStep(now);
            _isStarved = compared == 0;
            if (_isStarved)
                return;
            _pacer.Worked(now, compared);
            budget -= _pacer.IsQuiet(now) ? compared : MostBytesOfCall;
        }
    }

    private void EndComparison(SimTime now)
    {
        _roundBytes = _loop.BytesLeft;
        _bytesPerSecond = 0;
        _isStarved = false;
        RestartWindow(now);
    }
}
