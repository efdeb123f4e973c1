namespace Emulator.Migration;

/// <summary>The VM Migration State Monitor of one VM.</summary>
public sealed class VmMonitor
{
    /// <summary>The VM's own I/O is completed with a path-related status.</summary>
    public bool IsFenced { get; private set; }

    /// <summary>No migration of this VM is under way.</summary>
    public bool IsIdle => true;

    /// <summary>Begins to keep the changes of a namespace that was attached to the VM.</summary>
    public ChangeTracker Track(uint nsid, int blockShift, ulong blockCount) => new(this, nsid);
}
