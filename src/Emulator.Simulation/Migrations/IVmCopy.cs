using Emulator.Core;

namespace Emulator.Simulation.Migrations;

/// <summary>Who moves a VM's data and state from one drive to the other.</summary>
internal interface IVmCopy : IDisposable
{
    SimTime NextEvent { get; }

    /// <summary>Little is left to copy, or no less will be: the VM can be paused.</summary>
    bool IsConverged { get; }

    /// <summary>Everything is at the destination.</summary>
    bool IsDone { get; }

    /// <summary>Bytes of data written at the destination.</summary>
    long BytesMoved { get; }

    /// <summary>Passes over what had to be copied.</summary>
    int Rounds { get; }

    void Begin(SimTime now);

    void Advance(SimTime now);

    /// <summary>The VM is paused.</summary>
    void Finish(SimTime now);
}

/// <summary>What a copy is made of.</summary>
internal sealed record CopyParts(
    MigrationScenario Scenario,
    MigrationAssist Assist,
    VmManager Source,
    VmManager Destination,
    SimulatedLink Link,
    long NamespaceBytes,
    ushort TargetThere);
