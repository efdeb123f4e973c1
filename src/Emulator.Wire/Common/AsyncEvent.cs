namespace Emulator.Wire;

/// <summary>Asynchronous Event Type, bits 2:0 of dword 0 of the completion (Base 2.1, 5.1.2.1).</summary>
public enum AsyncEventType : byte
{
    Error = 0,
    SmartHealth = 1,
    Notice = 2,
    Immediate = 3,
    OneShot = 4,
    IoCommandSetSpecific = 6,
    VendorSpecific = 7,
}

/// <summary>Asynchronous Event Information of events of type Error (Base 2.1, 5.1.2.1).</summary>
public enum AsyncErrorEvent : byte
{
    InvalidDoorbellRegister = 0x00,
    InvalidDoorbellValue = 0x01,
    DiagnosticFailure = 0x02,
    PersistentInternalError = 0x03,
    TransientInternalError = 0x04,
    FirmwareImageLoadError = 0x05,
}

/// <summary>Asynchronous Event Information of events of type SMART / Health (Base 2.1, 5.1.2.1).</summary>
public enum AsyncSmartEvent : byte
{
    NvmSubsystemReliability = 0x00,
    TemperatureThreshold = 0x01,
    SpareBelowThreshold = 0x02,
}

/// <summary>Asynchronous Event Information of events of type Notice (Base 2.1, 5.1.2.1).</summary>
public enum AsyncNotice : byte
{
    AttachedNamespaceAttributeChanged = 0x00,
    FirmwareActivationStarting = 0x01,
    TelemetryLogChanged = 0x02,
    AsymmetricNamespaceAccessChange = 0x03,
    PredictableLatencyEventAggregateChange = 0x04,
    LbaStatusInformationAlert = 0x05,
    EnduranceGroupEventAggregateChange = 0x06,
    ReachabilityGroupChange = 0x07,
    ReachabilityAssociationChange = 0x08,
    AllocatedNamespaceAttributeChanged = 0x09,
    NvmSubsystemNormalShutdown = 0x0A,
    DiscoveryLogPageChange = 0xF0,
    HostDiscoveryLogPageChange = 0xF1,
    AveDiscoveryLogPageChange = 0xF2,
    PullModelDdcRequest = 0xF3,
}

/// <summary>
/// Asynchronous Event Information of events of type I/O Command Specific (NVM Command Set 1.2, 4.1.1; Base 2.1,
/// 5.1.2.1).
/// </summary>
public enum AsyncIoCommandSetEvent : byte
{
    ReservationLogPageAvailable = 0x00,
    SanitizeOperationCompleted = 0x01,
    SanitizeOperationCompletedWithUnexpectedDeallocation = 0x02,
    SanitizeOperationEnteredMediaVerification = 0x03,
}

/// <summary>
/// Bits of OAES in Identify Controller and of Asynchronous Event Configuration, FID 0Bh (Base 2.1, 5.1.25.1.5). Bits
/// 7:0 of the feature are the critical warnings of SMART that raise an event.
/// </summary>
[Flags]
public enum AsyncEventNotices : uint
{
    None = 0,
    AttachedNamespaceAttribute = 1u << 8,
    FirmwareActivation = 1u << 9,
    TelemetryLog = 1u << 10,
    AsymmetricNamespaceAccessChange = 1u << 11,
    PredictableLatencyEventAggregate = 1u << 12,
    LbaStatusInformation = 1u << 13,
    EnduranceGroupEventAggregate = 1u << 14,
    NormalNvmSubsystemShutdown = 1u << 15,
    TemperatureThresholdHysteresisRecovery = 1u << 16,
    ReachabilityAssociationsChange = 1u << 17,
    ReachabilityGroupsChange = 1u << 18,
    AllocatedNamespaceAttribute = 1u << 19,
    ZoneDescriptorChanged = 1u << 27,
    DiscoveryLogPageChange = 1u << 31,
}

/// <summary>Dword 0 of the completion of an Asynchronous Event Request (Base 2.1, 5.1.2.1).</summary>
public readonly record struct AsyncEventResult(AsyncEventType Type, byte Information, LogPageId LogPage)
{
    public uint Dw0 => (uint)Type | ((uint)Information << 8) | ((uint)LogPage << 16);
}
