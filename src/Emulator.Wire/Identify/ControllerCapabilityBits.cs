namespace Emulator.Wire;

/// <summary>CTRATT of Identify Controller (Base 2.1, 5.1.13.2.1).</summary>
[Flags]
public enum ControllerAttributes : uint
{
    None = 0,
    HostIdentifier128 = 1u << 0,
    NonOperationalPowerStatePermissive = 1u << 1,
    NvmSets = 1u << 2,
    ReadRecoveryLevels = 1u << 3,
    EnduranceGroups = 1u << 4,
    PredictableLatencyMode = 1u << 5,
    TrafficBasedKeepAlive = 1u << 6,
    NamespaceGranularity = 1u << 7,
    SqAssociations = 1u << 8,
    UuidList = 1u << 9,
    MultiDomainSubsystem = 1u << 10,
    FixedCapacityManagement = 1u << 11,
    VariableCapacityManagement = 1u << 12,
    DeleteEnduranceGroup = 1u << 13,
    DeleteNvmSet = 1u << 14,
    ExtendedLbaFormats = 1u << 15,
    MdtsAndSizeLimitsExcludeMetadata = 1u << 16,
    HmbRestrictNonOperationalAccess = 1u << 17,
    ReservationsAndHostIdentifierInteraction = 1u << 18,
    FlexibleDataPlacement = 1u << 19,
}

/// <summary>OACS of Identify Controller (Base 2.1, 5.1.13.2.1).</summary>
[Flags]
public enum OptionalAdminCommands : ushort
{
    None = 0,
    Security = 1 << 0,
    FormatNvm = 1 << 1,
    Firmware = 1 << 2,
    NamespaceManagement = 1 << 3,
    DeviceSelfTest = 1 << 4,
    Directives = 1 << 5,
    NvmeMi = 1 << 6,
    VirtualizationManagement = 1 << 7,
    DoorbellBufferConfig = 1 << 8,
    GetLbaStatus = 1 << 9,
    Lockdown = 1 << 10,
    HostManagedLiveMigration = 1 << 11,
}

/// <summary>ONCS of Identify Controller (Base 2.1, 5.1.13.2.1).</summary>
[Flags]
public enum OptionalNvmCommands : ushort
{
    None = 0,
    Compare = 1 << 0,
    WriteUncorrectable = 1 << 1,
    DatasetManagement = 1 << 2,
    WriteZeroes = 1 << 3,

    /// <summary>Save in Set Features, Select in Get Features.</summary>
    SaveAndSelect = 1 << 4,
    Reservations = 1 << 5,
    Timestamp = 1 << 6,
    Verify = 1 << 7,
    Copy = 1 << 8,

    /// <summary>A Copy of one range is atomic.</summary>
    CopySingleAtomicity = 1 << 9,

    /// <summary>Every Copy within the subsystem is a fast copy.</summary>
    AllFastCopy = 1 << 10,

    /// <summary>Write Zeroes with Deallocate has its own size limit, WZDSL.</summary>
    MaximumWriteZeroesWithDeallocate = 1 << 11,

    /// <summary>Write Zeroes with NSZ zeroes the whole namespace.</summary>
    NamespaceZeroes = 1 << 12,
}

/// <summary>LPA of Identify Controller (Base 2.1, 5.1.13.2.1).</summary>
[Flags]
public enum LogPageAttributes : byte
{
    None = 0,
    SmartPerNamespace = 1 << 0,
    CommandsSupportedAndEffects = 1 << 1,
    ExtendedData = 1 << 2,
    Telemetry = 1 << 3,
    PersistentEvent = 1 << 4,

    /// <summary>Supported log pages, and the effects of features and of management interface commands.</summary>
    MiscellaneousPages = 1 << 5,
    TelemetryDataArea4 = 1 << 6,
}

/// <summary>SANICAP of Identify Controller (Base 2.1, 5.1.13.2.1).</summary>
[Flags]
public enum SanitizeCapabilities : uint
{
    None = 0,
    CryptoErase = 1u << 0,
    BlockErase = 1u << 1,
    Overwrite = 1u << 2,
    MediaVerification = 1u << 3,

    /// <summary>No-Deallocate After Sanitize is not taken: the controller deallocates all the same.</summary>
    NoDeallocateInhibited = 1u << 29,

    /// <summary>NODMMAS 01b: media is not modified after a sanitize with No-Deallocate.</summary>
    MediaNotModified = 1u << 30,

    /// <summary>NODMMAS 10b: media is modified after a sanitize with No-Deallocate.</summary>
    MediaModified = 1u << 31,
}

/// <summary>Feature bits of a namespace, NSFEAT (NVM Command Set 1.2, 4.1.5.1).</summary>
[Flags]
public enum NamespaceFeatures : byte
{
    None = 0,
    ThinProvisioning = 1 << 0,

    /// <summary>NAWUN, NAWUPF and NACWU hold instead of the controller's.</summary>
    AtomicFields = 1 << 1,

    /// <summary>Reads of deallocated blocks may fail with Deallocated or Unwritten Logical Block.</summary>
    DeallocatedError = 1 << 2,

    /// <summary>NGUID and EUI64 are never used again.</summary>
    UniqueIdentifiers = 1 << 3,

    /// <summary>OPTPERF 01b: NPWG, NPWA, NPDG, NPDA and NOWS are defined.</summary>
    OptimalPerformance = 1 << 4,

    /// <summary>Writes larger than the atomic boundary are atomic piece by piece.</summary>
    MultipleAtomicityMode = 1 << 6,
    OptimalReadPerformance = 1 << 7,
}
