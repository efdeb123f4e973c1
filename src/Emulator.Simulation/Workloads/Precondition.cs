namespace Emulator.Simulation.Workloads;

/// <summary>What is done to a drive before a workload is measured on it.</summary>
public enum Precondition
{
    /// <summary>Nothing: the drive is empty, reads of it never reach the flash.</summary>
    None,

    /// <summary>Its range is written once, in order.</summary>
    Sequential,

    /// <summary>
    /// Its range is written once, and overwritten the way the workload writes (in blocks of 4 KiB all over the range, if it
    /// does not write) until the write amplification does not change any more.
    /// </summary>
    Random,
}
