namespace Emulator.Host.Migrate;

/// <summary>What of a migration tells whether it comes to an end.</summary>
internal readonly record struct HoldBackLook
{
    /// <summary>Since the beginning.</summary>
    public required double Seconds { get; init; }

    /// <summary>Until patience is over.</summary>
    public required double SecondsLeft { get; init; }

    public required MoverProgress Progress { get; init; }

    /// <summary>The data has come under the goal since the look before, whatever else is waited for.</summary>
    public required bool WasAtGoal { get; init; }

    /// <summary>By the VM, so far.</summary>
    public required ulong BytesWritten { get; init; }
}

/// <summary>
/// Decides to what rate a VM is held that changes its storage as fast as it moves, so that rounds get smaller: just so much that they
/// get to the end in half of the time that is left, and more only, a little at a time, if what is left does not fall; never below the
/// share of its own rate that the operator leaves it. What is left, to do and dirty, falls by what moves without what the VM makes dirty, however
/// long a round is, so that a look at two moments tells when the end would come.
/// </summary>
/// <param name="leastShare">Of what the VM wrote before that it keeps, more than 0, less than 1.</param>
/// <param name="patienceSeconds">For rounds, in all.</param>
internal sealed class HoldBack(double leastShare, double patienceSeconds)
{
    private const double WindowSeconds = 0.5;

    /// <summary>Of what patience leaves: an end that is predicted to come later is not waited for.</summary>
    private const double MostOfPatience = 0.75;

    /// <summary>Of what patience leaves, for the rounds of a VM that is held.</summary>
    private const double PartOfPatience = 0.5;

    /// <summary>The VM is held by so much at least when it is held at all, and a step tightens by as much.</summary>
    private const double Step = 0.95;

    private double _windowBegan = double.NaN;
    private ulong _writtenBefore;
    private ulong _movedBefore;
    private double _leastLeft;
    private bool _wasConverged;
    private double _leastLeftBefore = double.NaN;

    /// <summary>Bytes a second that the VM may write; 0 for as many as it likes.</summary>
    public double BytesPerSecond { get; private set; }

    /// <summary>Bytes a second that the VM wrote when it could: before it moved, or in any window since in which it was not held.</summary>
    public double OwnBytesPerSecond { get; private set; }

    /// <summary>Of its own rate; 1 if it is not held.</summary>
    public double Share => BytesPerSecond == 0 ? 1 : BytesPerSecond / OwnBytesPerSecond;

    /// <summary>The share that would have got to the end in time, as far as it was seen; 1 if it was not asked for.</summary>
    public double ShareNeeded { get; private set; } = 1;

    /// <summary>Takes what the VM wrote a second before anything moved.</summary>
    public void Before(double bytesPerSecond) => OwnBytesPerSecond = Math.Max(OwnBytesPerSecond, bytesPerSecond);

    /// <summary>Takes a look at the migration; <see cref="BytesPerSecond"/> is new afterwards.</summary>
    public void Observe(in HoldBackLook look)
    {
        MoverProgress progress = look.Progress;
        if (progress.Phase is not (MoverPhase.FirstPass or MoverPhase.CatchingUp or MoverPhase.Converged))
        {
            // Nothing moves that the VM could be held back for.
            BytesPerSecond = 0;
            Forget();
            return;
        }

        _leastLeft = Math.Min(_leastLeft, progress.BytesToDo + progress.BytesDirty);
        _wasConverged |= look.WasAtGoal || progress.Phase == MoverPhase.Converged;
        double elapsed = look.Seconds - _windowBegan;
        if (elapsed >= WindowSeconds)
            EndWindow(look, elapsed);
        if (double.IsNaN(_windowBegan) || elapsed >= WindowSeconds)
            BeginWindow(look);
    }

    private void EndWindow(in HoldBackLook look, double elapsed)
    {
        double writes = (look.BytesWritten - Math.Min(look.BytesWritten, _writtenBefore)) / elapsed;
        if (BytesPerSecond == 0)
            Before(writes);
        double falls = (_leastLeftBefore - _leastLeft) / elapsed;
        double left = _leastLeft;
        _leastLeftBefore = _leastLeft;
        if (!look.Progress.IsFirstPassOver || double.IsNaN(falls) || writes == 0 || _wasConverged)
            return;
        bool endsInTime = falls > 0 && left / falls <= look.SecondsLeft * MostOfPatience;
        bool canWait = look.Progress.CouldTakeMore && look.SecondsLeft > patienceSeconds * PartOfPatience;
        if (endsInTime || canWait)
            return;
        double moves = (look.Progress.BytesMoved - _movedBefore) / elapsed;
        double share = writes / Math.Max(moves - falls, 1);
        double present = BytesPerSecond == 0 ? writes : BytesPerSecond;
        double wanted = Math.Min(present * Step, share * MayDirty(left, moves, look.SecondsLeft));
        BytesPerSecond = Math.Max(wanted, leastShare * OwnBytesPerSecond);

        // Where most is dirty already more writes make little more so: the least is what was seen best.
        ShareNeeded = Math.Min(ShareNeeded, share * MayDirty(left, moves, patienceSeconds) / OwnBytesPerSecond);

        // What is left is as yet what it was made at the rate before.
        Forget();
    }

    /// <summary>What may become dirty a second so that what is left would be gone in time.</summary>
    private static double MayDirty(double left, double moves, double seconds) =>
        Math.Max(0, moves - (left / Math.Max(seconds * PartOfPatience, 1)));

    private void BeginWindow(in HoldBackLook look)
    {
        _wasConverged = false;
        (_windowBegan, _writtenBefore, _movedBefore) = (look.Seconds, look.BytesWritten, look.Progress.BytesMoved);
        _leastLeft = double.PositiveInfinity;
    }

    private void Forget() => (_windowBegan, _leastLeftBefore) = (double.NaN, double.NaN);
}
