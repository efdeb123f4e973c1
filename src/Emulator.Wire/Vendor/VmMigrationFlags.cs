namespace Emulator.Wire;

/// <summary>
/// CDW11 of Set Features D0h and dword 0 of Get Features D0h, which share most bits; bits 31:16 are the target.
/// </summary>
[Flags]
public enum VmMigrationFlags : uint
{
    None = 0,
    Active = 1u << 0,

    /// <summary>The destination; clear for the source.</summary>
    Destination = 1u << 1,
    Halted = 1u << 2,
    Completed = 1u << 3,

    /// <summary>Set only: forget the lifetime written set.</summary>
    ClearWritten = 1u << 4,

    /// <summary>Set only, with Completed at the source: deallocate the VM's data.</summary>
    Erase = 1u << 5,

    /// <summary>Get only, the bit of ClearWritten: LBA_WRITTEN_THRESHOLD_EXCEEDED.</summary>
    ThresholdExceeded = 1u << 4,

    /// <summary>Get only, the bit of Erase: a storage state has been applied at the destination.</summary>
    Ready = 1u << 5,
    NoPrefetch = 1u << 8,
    NoRetention = 1u << 9,
    NoPriority = 1u << 10,

    /// <summary>What Set Features accepts besides the target.</summary>
    SetMask = Active | Destination | Halted | Completed | ClearWritten | Erase | NoPrefetch | NoRetention | NoPriority,

    /// <summary>The policies that can be turned off.</summary>
    PolicyMask = NoPrefetch | NoRetention | NoPriority,
}

/// <summary>CDW11 of Set Features D1h; bits 31:16 are the target.</summary>
[Flags]
public enum VmStorageStateFlags : uint
{
    None = 0,
    First = 1u << 0,
    Last = 1u << 1,
    ValidateOnly = 1u << 2,
    Delta = 1u << 3,

    /// <summary>When the migration completes, what the cache held at the source is read into that of the destination.</summary>
    WarmCache = 1u << 4,
    Mask = First | Last | ValidateOnly | Delta | WarmCache,
}
