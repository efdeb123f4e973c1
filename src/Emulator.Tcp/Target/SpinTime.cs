using Emulator.Core;

namespace Emulator.Tcp;

/// <summary>
/// For how long a reactor that has nothing to do polls before it sleeps: as long as commands come so fast that the next is worth
/// waiting for awake, and not at all where they come so seldom that it would sleep anyway. KVM decides in the same way how long a
/// virtual processor polls before it halts (Linux, Documentation/virt/kvm/halt-polling.rst).
/// </summary>
/// <param name="most">Never longer than this.</param>
internal sealed class SpinTime(SimDuration most)
{
    private static readonly SimDuration Least = SimDuration.FromMicroseconds(25);

    private SimTime _lastActive;

    public SimDuration Most { get; } = most;

    /// <summary>For how long it polls now; zero for not at all.</summary>
    public SimDuration Current { get; private set; } = most;

    /// <summary>Whether it has polled for long enough.</summary>
    public bool IsOver(SimTime now) => now - _lastActive > Current;

    /// <summary>There was something to do.</summary>
    public void Active(SimTime now) => _lastActive = now;

    /// <summary>There was something to do, for which it had to be woken.</summary>
    public void Woken(SimTime now)
    {
        long next = now - _lastActive <= Most ? Math.Max(Current.Nanoseconds * 2, Least.Nanoseconds) : Current.Nanoseconds / 2;
        Current = next < Least.Nanoseconds ? SimDuration.Zero : new SimDuration(Math.Min(next, Most.Nanoseconds));
        Active(now);
    }
}
