using Emulator.Core;
using Emulator.Simulation.Workloads;
using Emulator.Wire;

namespace Emulator.Simulation;

/// <summary>A command between its arrival and its completion.</summary>
internal struct InFlight
{
    /// <summary>Counts the submissions of a run, from 0.</summary>
    public long Sequence;

    /// <summary>When the workload wanted it: latency counts from here.</summary>
    public SimTime Arrived;

    public SimTime Submitted;
    public ulong StartLba;
    public uint Blocks;
    public int Job;
    public Status Status;
    public IoOpcode Opcode;
    public RequestKind Kind;
}
