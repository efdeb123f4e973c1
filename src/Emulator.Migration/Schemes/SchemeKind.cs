namespace Emulator.Migration;

/// <summary>How the storage of a running VM is moved: what becomes of its requests while the image is copied.</summary>
public enum SchemeKind : byte
{
    /// <summary>
    /// Dirty block tracking: requests go to the source, and what was written is copied again, round by round.
    /// </summary>
    DirtyBlockTracking,

    /// <summary>Writes to what was copied go to both sides and complete when both have them.</summary>
    Mirroring,

    /// <summary>Low redundancy: writes go to the destination, and the copy skips what was written there.</summary>
    LowRedundancy,

    /// <summary>Source-based low redundancy: only writes to what was copied, and reads of these, go to the destination.</summary>
    SourceLowRedundancy,

    /// <summary>Writes to what was copied go to both sides and complete when the first has them.</summary>
    AsynchronousMirroring,

    /// <summary>With the help of the drive: only what was ever written is copied, then rounds of what changed.</summary>
    Assist,

    /// <summary>Emulated_S, a run to compare with: the image is copied, and requests go to the source. The copy is stale.</summary>
    ReferenceAtSource,

    /// <summary>
    /// Emulated_D, a run to compare with: the image is copied, and requests go to the destination, whatever is there. The
    /// VM's data do not survive it: it is for drives without contents.
    /// </summary>
    ReferenceAtDestination,
}

/// <summary>
/// What the counter of asynchronous mirroring counts, of the writes that go to both sides: those that not both have done (US
/// 9,195,401, embodiment 3), or those that the slower side has not done, whichever that is (embodiment 28).
/// </summary>
public enum PendingWrites : byte
{
    AtEitherSide,
    AtSource,
    AtDestination,
}

/// <summary>What is done when dirty block tracking does not converge.</summary>
public enum DirtyFallBack : byte
{
    /// <summary>The VM is to be paused, however long the rest takes.</summary>
    Pause,

    /// <summary>Writes to what is clean go to both sides from then on, so that what is dirty only shrinks.</summary>
    Mirror,

    /// <summary>The VM stays where it is.</summary>
    GiveUp,
}

public enum SchemePhase : byte
{
    Copying,

    /// <summary>The VM is to be paused; until it is its requests are served.</summary>
    Converged,

    /// <summary>The VM is paused, and the rest is done.</summary>
    Finishing,

    /// <summary>The destination has everything: the VM goes on there.</summary>
    Completed,

    /// <summary>The destination is gone, and what only it had is written to the source from the log. Requests wait.</summary>
    Restoring,

    /// <summary>There is no migration any more: requests go to the source, which has everything.</summary>
    RolledBack,

    /// <summary>Newest data were on a side that is gone and cannot be restored. Requests fail.</summary>
    Lost,
}
