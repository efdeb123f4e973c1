namespace Emulator.Wire;

// Generic statuses (Base 2.1, 4.2.3.1, and NVM Command Set 1.2).
public readonly partial record struct Status
{
    public static readonly Status Success = Generic(0x00, "Successful Completion");
    public static readonly Status InvalidOpcode = Generic(0x01, "Invalid Command Opcode");
    public static readonly Status InvalidField = Generic(0x02, "Invalid Field in Command");
    public static readonly Status CommandIdConflict = Generic(0x03, "Command ID Conflict");
    public static readonly Status DataTransferError = Generic(0x04, "Data Transfer Error");
    public static readonly Status AbortedPowerLoss = Generic(0x05, "Commands Aborted due to Power Loss Notification");
    public static readonly Status InternalError = Generic(0x06, "Internal Error");
    public static readonly Status CommandAbortRequested = Generic(0x07, "Command Abort Requested");
    public static readonly Status AbortedSqDeletion = Generic(0x08, "Command Aborted due to SQ Deletion");
    public static readonly Status AbortedFailedFused = Generic(0x09, "Command Aborted due to Failed Fused Command");
    public static readonly Status AbortedMissingFused = Generic(0x0A, "Command Aborted due to Missing Fused Command");
    public static readonly Status InvalidNamespaceOrFormat = Generic(0x0B, "Invalid Namespace or Format");
    public static readonly Status CommandSequenceError = Generic(0x0C, "Command Sequence Error");
    public static readonly Status InvalidSglSegmentDescriptor = Generic(0x0D, "Invalid SGL Segment Descriptor");
    public static readonly Status InvalidNumberOfSglDescriptors = Generic(0x0E, "Invalid Number of SGL Descriptors");
    public static readonly Status DataSglLengthInvalid = Generic(0x0F, "Data SGL Length Invalid");
    public static readonly Status MetadataSglLengthInvalid = Generic(0x10, "Metadata SGL Length Invalid");
    public static readonly Status SglDescriptorTypeInvalid = Generic(0x11, "SGL Descriptor Type Invalid");
    public static readonly Status InvalidUseOfCmb = Generic(0x12, "Invalid Use of Controller Memory Buffer");
    public static readonly Status PrpOffsetInvalid = Generic(0x13, "PRP Offset Invalid");
    public static readonly Status AtomicWriteUnitExceeded = Generic(0x14, "Atomic Write Unit Exceeded");
    public static readonly Status OperationDenied = Generic(0x15, "Operation Denied");
    public static readonly Status SglOffsetInvalid = Generic(0x16, "SGL Offset Invalid");
    public static readonly Status HostIdentifierInconsistentFormat =
        Generic(0x18, "Host Identifier Inconsistent Format");
    public static readonly Status KeepAliveTimerExpired = Generic(0x19, "Keep Alive Timer Expired");
    public static readonly Status KeepAliveTimeoutInvalid = Generic(0x1A, "Keep Alive Timeout Invalid");
    public static readonly Status AbortedPreemptAndAbort = Generic(0x1B, "Command Aborted due to Preempt and Abort");
    public static readonly Status SanitizeFailed = Generic(0x1C, "Sanitize Failed");
    public static readonly Status SanitizeInProgress = Generic(0x1D, "Sanitize In Progress");
    public static readonly Status SglDataBlockGranularityInvalid = Generic(0x1E, "SGL Data Block Granularity Invalid");
    public static readonly Status CommandNotSupportedForQueueInCmb =
        Generic(0x1F, "Command Not Supported for Queue in CMB");
    public static readonly Status NamespaceWriteProtected = Generic(0x20, "Namespace is Write Protected");
    public static readonly Status CommandInterrupted = Generic(0x21, "Command Interrupted");
    public static readonly Status TransientTransportError = Generic(0x22, "Transient Transport Error");
    public static readonly Status ProhibitedByLockdown =
        Generic(0x23, "Command Prohibited by Command and Feature Lockdown");
    public static readonly Status AdminCommandMediaNotReady = Generic(0x24, "Admin Command Media Not Ready");
    public static readonly Status InvalidKeyTag = Generic(0x25, "Invalid Key Tag");
    public static readonly Status HostDispersedNamespaceSupportNotEnabled =
        Generic(0x26, "Host Dispersed Namespace Support Not Enabled");
    public static readonly Status HostIdentifierNotInitialized = Generic(0x27, "Host Identifier Not Initialized");
    public static readonly Status IncorrectKey = Generic(0x28, "Incorrect Key");
    public static readonly Status FdpDisabled = Generic(0x29, "FDP Disabled");
    public static readonly Status InvalidPlacementHandleList = Generic(0x2A, "Invalid Placement Handle List");
    public static readonly Status LbaOutOfRange = Generic(0x80, "LBA Out of Range");
    public static readonly Status CapacityExceeded = Generic(0x81, "Capacity Exceeded");
    public static readonly Status NamespaceNotReady = Generic(0x82, "Namespace Not Ready");
    public static readonly Status ReservationConflict = Generic(0x83, "Reservation Conflict");
    public static readonly Status FormatInProgress = Generic(0x84, "Format In Progress");
    public static readonly Status InvalidValueSize = Generic(0x85, "Invalid Value Size");
    public static readonly Status InvalidKeySize = Generic(0x86, "Invalid Key Size");
    public static readonly Status KeyDoesNotExist = Generic(0x87, "KV Key Does Not Exist");
    public static readonly Status UnrecoveredError = Generic(0x88, "Unrecovered Error");
    public static readonly Status KeyExists = Generic(0x89, "Key Exists");

    private static Status Generic(byte code, string name) => Define(StatusCodeType.Generic, code, name);
}
