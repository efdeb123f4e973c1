namespace Emulator.Migration;

/// <summary>The changes of one namespace, kept for one VM.</summary>
public sealed class ChangeTracker(VmMonitor monitor, uint nsid)
{
    public VmMonitor Monitor { get; } = monitor;

    public uint Nsid { get; } = nsid;

    /// <summary>Records that blocks changed what they read as.</summary>
    /// <param name="startLba">First logical block.</param>
    /// <param name="blockCount">Logical blocks.</param>
    /// <param name="writer">The VM whose command changed them; null if the drive itself or a manager did.</param>
    public void Record(ulong startLba, ulong blockCount, VmMonitor? writer)
    {
    }

    /// <summary>The namespace was formatted: block size and count are others now.</summary>
    public void Resize(int blockShift, ulong blockCount)
    {
    }
}
