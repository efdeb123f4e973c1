namespace Emulator.Migration;

/// <summary>Whom a monitor tells what a hypervisor waits for.</summary>
public interface IVmEvents
{
    /// <summary>
    /// LBA_WRITTEN_THRESHOLD_EXCEEDED was set. Called in the middle of the command that did it, once for each crossing.
    /// </summary>
    void ThresholdExceeded(VmMonitor vm);
}
