namespace Emulator.Wire;

// Command specific statuses (Base 2.1, 4.2.3.2, NVM Command Set 1.2, 3.1, and the vendor command set).
public readonly partial record struct Status
{
    public static readonly Status CompletionQueueInvalid = CommandSpecific(0x00, "Completion Queue Invalid");
    public static readonly Status InvalidQueueIdentifier = CommandSpecific(0x01, "Invalid Queue Identifier");
    public static readonly Status InvalidQueueSize = CommandSpecific(0x02, "Invalid Queue Size");
    public static readonly Status AbortCommandLimitExceeded = CommandSpecific(0x03, "Abort Command Limit Exceeded");
    public static readonly Status AsyncEventRequestLimitExceeded =
        CommandSpecific(0x05, "Asynchronous Event Request Limit Exceeded");
    public static readonly Status InvalidFirmwareSlot = CommandSpecific(0x06, "Invalid Firmware Slot");
    public static readonly Status InvalidFirmwareImage = CommandSpecific(0x07, "Invalid Firmware Image");
    public static readonly Status InvalidInterruptVector = CommandSpecific(0x08, "Invalid Interrupt Vector");
    public static readonly Status InvalidLogPage = CommandSpecific(0x09, "Invalid Log Page");
    public static readonly Status InvalidFormat = CommandSpecific(0x0A, "Invalid Format");
    public static readonly Status FirmwareNeedsConventionalReset =
        CommandSpecific(0x0B, "Firmware Activation Requires Conventional Reset");
    public static readonly Status InvalidQueueDeletion = CommandSpecific(0x0C, "Invalid Queue Deletion");
    public static readonly Status FeatureNotSaveable = CommandSpecific(0x0D, "Feature Identifier Not Saveable");
    public static readonly Status FeatureNotChangeable = CommandSpecific(0x0E, "Feature Not Changeable");
    public static readonly Status FeatureNotNamespaceSpecific = CommandSpecific(0x0F, "Feature Not Namespace Specific");
    public static readonly Status FirmwareNeedsSubsystemReset =
        CommandSpecific(0x10, "Firmware Activation Requires NVM Subsystem Reset");
    public static readonly Status FirmwareNeedsControllerLevelReset =
        CommandSpecific(0x11, "Firmware Activation Requires Controller Level Reset");
    public static readonly Status FirmwareNeedsMaximumTimeViolation =
        CommandSpecific(0x12, "Firmware Activation Requires Maximum Time Violation");
    public static readonly Status FirmwareActivationProhibited =
        CommandSpecific(0x13, "Firmware Activation Prohibited");
    public static readonly Status OverlappingRange = CommandSpecific(0x14, "Overlapping Range");
    public static readonly Status NamespaceInsufficientCapacity =
        CommandSpecific(0x15, "Namespace Insufficient Capacity");
    public static readonly Status NamespaceIdentifierUnavailable =
        CommandSpecific(0x16, "Namespace Identifier Unavailable");
    public static readonly Status NamespaceAlreadyAttached = CommandSpecific(0x18, "Namespace Already Attached");
    public static readonly Status NamespaceIsPrivate = CommandSpecific(0x19, "Namespace Is Private");
    public static readonly Status NamespaceNotAttached = CommandSpecific(0x1A, "Namespace Not Attached");
    public static readonly Status ThinProvisioningNotSupported =
        CommandSpecific(0x1B, "Thin Provisioning Not Supported");
    public static readonly Status ControllerListInvalid = CommandSpecific(0x1C, "Controller List Invalid");
    public static readonly Status DeviceSelfTestInProgress = CommandSpecific(0x1D, "Device Self-test In Progress");
    public static readonly Status BootPartitionWriteProhibited =
        CommandSpecific(0x1E, "Boot Partition Write Prohibited");
    public static readonly Status InvalidControllerIdentifier = CommandSpecific(0x1F, "Invalid Controller Identifier");
    public static readonly Status InvalidSecondaryControllerState =
        CommandSpecific(0x20, "Invalid Secondary Controller State");
    public static readonly Status InvalidNumberOfControllerResources =
        CommandSpecific(0x21, "Invalid Number of Controller Resources");
    public static readonly Status InvalidResourceIdentifier = CommandSpecific(0x22, "Invalid Resource Identifier");
    public static readonly Status SanitizeProhibitedWithPmr =
        CommandSpecific(0x23, "Sanitize Prohibited While Persistent Memory Region is Enabled");
    public static readonly Status AnaGroupIdentifierInvalid = CommandSpecific(0x24, "ANA Group Identifier Invalid");
    public static readonly Status AnaAttachFailed = CommandSpecific(0x25, "ANA Attach Failed");
    public static readonly Status InsufficientCapacity = CommandSpecific(0x26, "Insufficient Capacity");
    public static readonly Status NamespaceAttachmentLimitExceeded =
        CommandSpecific(0x27, "Namespace Attachment Limit Exceeded");
    public static readonly Status ProhibitionOfCommandNotSupported =
        CommandSpecific(0x28, "Prohibition of Command Execution Not Supported");
    public static readonly Status IoCommandSetNotSupported = CommandSpecific(0x29, "I/O Command Set Not Supported");
    public static readonly Status IoCommandSetNotEnabled = CommandSpecific(0x2A, "I/O Command Set Not Enabled");
    public static readonly Status IoCommandSetCombinationRejected =
        CommandSpecific(0x2B, "I/O Command Set Combination Rejected");
    public static readonly Status InvalidIoCommandSet = CommandSpecific(0x2C, "Invalid I/O Command Set");
    public static readonly Status IdentifierUnavailable = CommandSpecific(0x2D, "Identifier Unavailable");
    public static readonly Status NamespaceIsDispersed = CommandSpecific(0x2E, "Namespace Is Dispersed");
    public static readonly Status InvalidDiscoveryInformation = CommandSpecific(0x2F, "Invalid Discovery Information");
    public static readonly Status ZoningDataStructureLocked = CommandSpecific(0x30, "Zoning Data Structure Locked");
    public static readonly Status ZoningDataStructureNotFound =
        CommandSpecific(0x31, "Zoning Data Structure Not Found");
    public static readonly Status InsufficientDiscoveryResources =
        CommandSpecific(0x32, "Insufficient Discovery Resources");
    public static readonly Status RequestedFunctionDisabled = CommandSpecific(0x33, "Requested Function Disabled");
    public static readonly Status ZoneGroupOriginatorInvalid = CommandSpecific(0x34, "ZoneGroup Originator Invalid");
    public static readonly Status InvalidHost = CommandSpecific(0x35, "Invalid Host");
    public static readonly Status InvalidNvmSubsystem = CommandSpecific(0x36, "Invalid NVM Subsystem");
    public static readonly Status InvalidControllerDataQueue = CommandSpecific(0x37, "Invalid Controller Data Queue");
    public static readonly Status NotEnoughResources = CommandSpecific(0x38, "Not Enough Resources");
    public static readonly Status ControllerSuspended = CommandSpecific(0x39, "Controller Suspended");
    public static readonly Status ControllerNotSuspended = CommandSpecific(0x3A, "Controller Not Suspended");
    public static readonly Status ControllerDataQueueFull = CommandSpecific(0x3B, "Controller Data Queue Full");
    public static readonly Status StreamResourceAllocationFailed =
        CommandSpecific(0x7F, "Stream Resource Allocation Failed");
    public static readonly Status ConflictingAttributes = CommandSpecific(0x80, "Conflicting Attributes");
    public static readonly Status InvalidProtectionInformation =
        CommandSpecific(0x81, "Invalid Protection Information");
    public static readonly Status AttemptedWriteToReadOnlyRange =
        CommandSpecific(0x82, "Attempted Write to Read Only Range");
    public static readonly Status CommandSizeLimitExceeded = CommandSpecific(0x83, "Command Size Limit Exceeded");
    public static readonly Status InvalidCommandId = CommandSpecific(0x84, "Invalid Command ID");
    public static readonly Status IncompatibleNamespaceOrFormat =
        CommandSpecific(0x85, "Incompatible Namespace or Format");
    public static readonly Status FastCopyNotPossible = CommandSpecific(0x86, "Fast Copy Not Possible");
    public static readonly Status OverlappingIoRange = CommandSpecific(0x87, "Overlapping I/O Range");
    public static readonly Status NamespaceNotReachable = CommandSpecific(0x88, "Namespace Not Reachable");
    public static readonly Status InsufficientResources = CommandSpecific(0x89, "Insufficient Resources");
    public static readonly Status ConnectIncompatibleFormat = CommandSpecific(0x80, "Incompatible Format");
    public static readonly Status ConnectControllerBusy = CommandSpecific(0x81, "Controller Busy");
    public static readonly Status ConnectInvalidParameters = CommandSpecific(0x82, "Connect Invalid Parameters");
    public static readonly Status ConnectRestartDiscovery = CommandSpecific(0x83, "Connect Restart Discovery");
    public static readonly Status ConnectInvalidHost = CommandSpecific(0x84, "Connect Invalid Host");
    public static readonly Status InvalidQueueType = CommandSpecific(0x85, "Invalid Queue Type");
    public static readonly Status DiscoverRestart = CommandSpecific(0x90, "Discover Restart");
    public static readonly Status AuthenticationRequired = CommandSpecific(0x91, "Authentication Required");
    public static readonly Status MigrationNotActive = CommandSpecific(0xC0, "Migration Not Active");
    public static readonly Status StorageStateInvalid = CommandSpecific(0xC1, "Storage State Invalid");
    public static readonly Status StorageStateIncompatible = CommandSpecific(0xC2, "Storage State Incompatible");
    public static readonly Status TransferFailed = CommandSpecific(0xC3, "Transfer Failed");
    public static readonly Status SnapshotNotFound = CommandSpecific(0xC4, "Snapshot Not Found");
    public static readonly Status MigrationBusy = CommandSpecific(0xC5, "Migration Busy");
    public static readonly Status LimitReached = CommandSpecific(0xC6, "Limit Reached");

    private static Status CommandSpecific(byte code, string name) => Define(StatusCodeType.CommandSpecific, code, name);
}
