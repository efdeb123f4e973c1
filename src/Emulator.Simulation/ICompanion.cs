using Emulator.Core;

namespace Emulator.Simulation;

/// <summary>Something that goes on beside the jobs of a <see cref="Simulator"/>, by the same clock.</summary>
public interface ICompanion
{
    /// <summary>When <see cref="Advance"/> wants to be called next.</summary>
    SimTime NextEvent { get; }

    void Advance(SimTime now);
}
