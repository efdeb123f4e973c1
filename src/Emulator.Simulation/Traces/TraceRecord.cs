using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Traces;

/// <summary>What one line of a trace says.</summary>
internal struct TraceRecord
{
    /// <summary>In nanoseconds since whatever the trace counts from.</summary>
    public long Nanoseconds;

    /// <summary>In bytes.</summary>
    public long Offset;

    /// <summary>In bytes; 0 for a flush alone.</summary>
    public long Length;

    public RequestKind Kind;
    public bool ForceUnitAccess;

    /// <summary>A flush comes before it, at the same time.</summary>
    public bool FlushBefore;
}

/// <summary>What a line was.</summary>
internal enum TraceLine
{
    Request,

    /// <summary>Nothing that a drive would see: a headline, a blank line, an event of another kind.</summary>
    Other,

    /// <summary>Behind the requests: the summary at the end of blkparse's output.</summary>
    End,
}
