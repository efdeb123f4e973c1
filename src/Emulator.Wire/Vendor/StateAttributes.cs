namespace Emulator.Wire;

/// <summary>Attributes of section 1 of the state container, transport (specs/state-container.md).</summary>
public enum TransportAttribute : ushort
{
    /// <summary><see cref="TransportLimits"/>.</summary>
    Limits = 1,

    /// <summary><see cref="TransportQueueState"/>; the key is the queue identifier.</summary>
    Queue = 2,
}

/// <summary>Attributes of section 2, interface.</summary>
public enum InterfaceAttribute : ushort
{
    /// <summary><see cref="ControllerRegisters"/>.</summary>
    Registers = 1,

    /// <summary>Host NQN, UTF-8.</summary>
    HostNqn = 2,

    /// <summary>Subsystem NQN, UTF-8.</summary>
    SubsystemNqn = 3,

    /// <summary><see cref="FeatureValue"/>; the key is FID, part shifted left by 8 and NSID shifted left by 32.</summary>
    Feature = 4,

    /// <summary>Data of a feature that has some; the key is as of <see cref="Feature"/>.</summary>
    FeatureData = 5,

    /// <summary><see cref="NamespaceState"/>; the key is the NSID.</summary>
    Namespace = 6,

    /// <summary><see cref="ReservationState"/> and its registrants; the key is the NSID.</summary>
    Reservation = 7,

    /// <summary><see cref="StreamsState"/> and identifiers of open streams; the key is the NSID.</summary>
    Streams = 8,

    /// <summary><see cref="HealthCounters"/>.</summary>
    HealthCounters = 9,

    /// <summary>Entries of the Error Information log page, the newest first.</summary>
    ErrorLog = 10,

    /// <summary>NSIDs of the Changed Attached Namespace List, 4 bytes each.</summary>
    ChangedNamespaces = 11,

    /// <summary>Reservation Notification log pages that wait, the oldest first.</summary>
    ReservationNotifications = 12,

    /// <summary>Dword 0 of asynchronous events that wait, 4 bytes each, the oldest first.</summary>
    WaitingEvents = 13,
}

/// <summary>Attributes of section 3, I/O activity.</summary>
public enum ActivityAttribute : ushort
{
    /// <summary><see cref="ActivityState"/>.</summary>
    Activity = 1,

    /// <summary>Granules that the VM wrote in its life, a set; the key is NSID shifted left by 32, and part.</summary>
    Written = 2,
}

/// <summary>Attributes of section 4, translation. Keys of sets are NSID shifted left by 32, and part.</summary>
public enum TranslationAttribute : ushort
{
    /// <summary><see cref="CacheSettingsState"/>.</summary>
    CacheSettings = 1,

    /// <summary>Pages that hold data, a set.</summary>
    Allocated = 2,

    /// <summary>Pages that are in the cache, a set.</summary>
    Cached = 3,

    /// <summary>Blocks that a host has marked uncorrectable, a set.</summary>
    Marked = 4,

    /// <summary>Heat of regions of 16 pages, a byte each.</summary>
    Heat = 5,

    /// <summary>Streams that pages were written by: <see cref="PlacementRun"/> for each run of pages.</summary>
    Placement = 6,
}

/// <summary>Form of a set in the state container.</summary>
public enum StateSetForm : byte
{
    /// <summary><see cref="StateSetRun"/> for each run.</summary>
    Runs = 0,

    /// <summary>A bit for each unit, bit 0 of byte 0 first, zero bytes at the end left out.</summary>
    Bitmap = 1,
}
