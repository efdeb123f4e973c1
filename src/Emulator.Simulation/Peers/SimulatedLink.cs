using Emulator.Core;

namespace Emulator.Simulation;

/// <summary>A network between two drives in virtual time: what it carries each way, how long that is under way, and cuts.</summary>
public sealed class SimulatedLink(long bytesPerSecond, SimDuration latency)
{
    private SimTime _thereFree;
    private SimTime _backFree;

    /// <summary>Nothing gets through while it is down.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>Changes when it is cut: what was under way before is lost.</summary>
    public int Cuts { get; private set; }

    /// <summary>One way, for the first byte.</summary>
    public SimDuration Latency => latency;

    public void Cut()
    {
        IsUp = false;
        Cuts++;
    }

    public void Restore() => IsUp = true;

    /// <summary>When bytes that are sent now have arrived at the destination.</summary>
    public SimTime There(SimTime sent, int bytes) => Carry(ref _thereFree, sent, bytes);

    /// <summary>When bytes that the destination sends have arrived at the source.</summary>
    public SimTime Back(SimTime sent, int bytes) => Carry(ref _backFree, sent, bytes);

    private SimTime Carry(ref SimTime free, SimTime sent, int bytes)
    {
        free = SimTime.Max(free, sent) + new SimDuration(bytes * 1_000_000_000L / bytesPerSecond);
        return free + latency;
    }
}
