namespace Emulator.Migration;

/// <summary>Whether a VM lives on this drive, as far as the drive knows. Numbers are those of the device's metadata.</summary>
public enum VmResidence
{
    Here = 0,

    /// <summary>A migration from here completed: the VM lives elsewhere.</summary>
    MovedAway = 1,

    /// <summary>
    /// A migration to here was cancelled, so that the namespaces hold part of a VM; or none has completed yet on a drive
    /// that only waits for them.
    /// </summary>
    NeverArrived = 2,
}
