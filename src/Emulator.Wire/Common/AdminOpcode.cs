namespace Emulator.Wire;

/// <summary>
/// Admin command opcodes (Base 2.1, 3.1.3.4). Bits 1:0 tell the direction of data: 01b to the controller, 10b from it.
/// </summary>
public enum AdminOpcode : byte
{
    DeleteIoSubmissionQueue = 0x00,
    CreateIoSubmissionQueue = 0x01,
    GetLogPage = 0x02,
    DeleteIoCompletionQueue = 0x04,
    CreateIoCompletionQueue = 0x05,
    Identify = 0x06,
    Abort = 0x08,
    SetFeatures = 0x09,
    GetFeatures = 0x0A,
    AsynchronousEventRequest = 0x0C,
    NamespaceManagement = 0x0D,
    FirmwareCommit = 0x10,
    FirmwareImageDownload = 0x11,
    DeviceSelfTest = 0x14,
    NamespaceAttachment = 0x15,
    KeepAlive = 0x18,
    DirectiveSend = 0x19,
    DirectiveReceive = 0x1A,
    VirtualizationManagement = 0x1C,
    NvmeMiSend = 0x1D,
    NvmeMiReceive = 0x1E,
    CapacityManagement = 0x20,
    DiscoveryInformationManagement = 0x21,
    FabricZoningReceive = 0x22,
    Lockdown = 0x24,
    FabricZoningLookup = 0x25,
    ClearExportedNvmResourceConfiguration = 0x28,
    FabricZoningSend = 0x29,
    CreateExportedNvmSubsystem = 0x2A,
    ManageExportedNvmSubsystem = 0x2D,
    ManageExportedNamespace = 0x31,
    ManageExportedPort = 0x35,
    SendDiscoveryLogPage = 0x39,
    TrackSend = 0x3D,
    TrackReceive = 0x3E,
    MigrationSend = 0x41,
    MigrationReceive = 0x42,
    ControllerDataQueue = 0x45,
    DoorbellBufferConfig = 0x7C,
    Fabrics = 0x7F,
    FormatNvm = 0x80,
    SecuritySend = 0x81,
    SecurityReceive = 0x82,
    Sanitize = 0x84,
    GetLbaStatus = 0x86,

    /// <summary>Vendor command set: create, delete or restore a snapshot.</summary>
    Snapshot = 0xC4,

    /// <summary>Vendor command set: start a direct transfer.</summary>
    DirectTransferStart = 0xC5,

    /// <summary>Vendor command set: read pages in the form in which the medium has them, or decoded.</summary>
    ReadStoredPages = 0xC6,

    /// <summary>Vendor command set: pause, resume, cancel or finish a direct transfer.</summary>
    DirectTransferControl = 0xC8,

    /// <summary>Beside the vendor command set: something goes wrong on purpose.</summary>
    Fault = 0xCC,
}
