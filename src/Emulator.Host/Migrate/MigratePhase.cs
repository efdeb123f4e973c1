namespace Emulator.Host.Migrate;

/// <summary>Where a migration is, for people and reports.</summary>
internal enum MigratePhase
{
    /// <summary>Both ends are checked; nothing was changed.</summary>
    Preparing,

    /// <summary>Destination and source are told of the migration.</summary>
    Binding,

    /// <summary>The first pass.</summary>
    Copying,

    /// <summary>Rounds of what changed meanwhile.</summary>
    CatchingUp,

    /// <summary>The VM's RAM moves, and rounds go on.</summary>
    Memory,

    /// <summary>The VM is fenced: last ranges, last state, the rest of its RAM.</summary>
    Blackout,

    /// <summary>From here on there is only forward.</summary>
    Switching,
    Done,
    RollingBack,
    RolledBack,
}
