namespace Emulator.Wire;

/// <summary>What goes wrong: CDW10 15:8 of the Fault command (specs/vendor-commands.md).</summary>
public enum FaultKind : byte
{
    /// <summary>Power is lost, and comes back at once.</summary>
    PowerCut = 1,

    /// <summary>Logical blocks cannot be read until they are written again.</summary>
    MediaError = 2,

    /// <summary>A die takes longer for everything.</summary>
    SlowDie = 3,

    /// <summary>Program operations fail.</summary>
    ProgramFailure = 4,

    /// <summary>Erases fail.</summary>
    EraseFailure = 5,

    /// <summary>A checkpoint is not written though the drive believes that it is.</summary>
    LostCheckpoint = 6,

    /// <summary>A checkpoint is written in part though the drive believes that it is written.</summary>
    TornCheckpoint = 7,
}

/// <summary>CDW10 7:0 of the Fault command.</summary>
public enum FaultAction : byte
{
    Inject = 0,

    /// <summary>Takes back what of a kind was injected and has not happened.</summary>
    Clear = 1,
}
