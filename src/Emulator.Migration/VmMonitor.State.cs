using Emulator.Core;

namespace Emulator.Migration;

/// <summary>Storage states of the VM: what was read of them at the source, and applied at the destination.</summary>
public sealed partial class VmMonitor
{
    private ulong _stateGeneration;

    /// <summary>
    /// What the last whole storage state told, or the state when the migration began. Deltas are against it. Null unless
    /// the VM is a source.
    /// </summary>
    public StateBaseline? Baseline { get; private set; }

    /// <summary>The last whole storage state that was applied, which deltas are against. Null unless the VM is a destination.</summary>
    public StateImage? Received { get; private set; }

    /// <summary>What the cache held at the source, to be warm here; null unless that was asked for.</summary>
    public StateImage? CacheToWarm { get; private set; }

    /// <summary>A storage state was applied since the VM became a destination.</summary>
    public bool IsReady { get; private set; }

    /// <summary>The number of a storage state that is read now. Numbers of one life of the drive are not used in the next.</summary>
    /// <param name="powerCycle">How often the drive was switched on.</param>
    public ulong NextStateGeneration(ulong powerCycle) => (powerCycle << 32) | ++_stateGeneration;

    /// <summary>A whole storage state was read, or the migration begins: what changes from now on is a delta.</summary>
    public void RememberState(StateBaseline baseline) => Baseline = IsSource ? baseline : null;

    /// <summary>A storage state was applied.</summary>
    /// <param name="whole">The last one that was whole, which the next delta is against.</param>
    /// <param name="applied">What was applied: it, or it with a delta.</param>
    /// <param name="warmsCache">The cache is to hold what it held there when the migration completes.</param>
    public void StateWasApplied(StateImage whole, StateImage applied, bool warmsCache)
    {
        Check.That(IsDestination);
        Received = whole;
        CacheToWarm = warmsCache ? applied : null;
        IsReady = true;
    }

    private void ForgetState()
    {
        Baseline = null;
        Received = null;
        CacheToWarm = null;
        IsReady = false;
    }
}
