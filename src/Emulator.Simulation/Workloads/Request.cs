using Emulator.Core;

namespace Emulator.Simulation.Workloads;

public enum RequestKind : byte
{
    Read,
    Write,
    Trim,
    Flush,
}

/// <summary>What a workload asks of the drive; becomes one command, or several if it is longer than a command may be.</summary>
public struct Request
{
    /// <summary>When it arrives, counted from the start of its job; has no meaning in a closed loop.</summary>
    public SimDuration Arrival;

    /// <summary>First byte in the namespace.</summary>
    public long Offset;

    /// <summary>In bytes; 0 for a flush.</summary>
    public long Length;

    public RequestKind Kind;

    /// <summary>FUA: a write is to be durable before it completes.</summary>
    public bool ForceUnitAccess;
}
