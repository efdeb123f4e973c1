namespace Emulator.Device;

/// <summary>Fields of the device's metadata (specs/media-format.md, "Device metadata"). Numbers are never used again.</summary>
internal enum MetadataTag : uint
{
    Version = 1,
    SubsystemNqn = 2,
    ConfiguredNamespace = 3,
    Health = 4,
    Incarnations = 5,
    Namespace = 6,
    Controller = 7,
    SavedFeatures = 8,
    Firmware = 9,
    Sanitize = 10,
    Snapshot = 11,
    NextSnapshot = 12,

    SizeBytes = 0x20,
    BlockBytes = 0x21,
    HostNqn = 0x22,

    Nsid = 0x30,
    BlockCount = 0x31,
    Format = 0x32,
    IsShared = 0x33,
    IsConfigured = 0x34,
    Segments = 0x35,
    Attachments = 0x36,
    Uncorrectable = 0x37,
    Reservations = 0x38,
    Compression = 0x39,
    IsEncrypted = 0x3A,
    CorrectedBits = 0x3B,
    KeyIdentifier = 0x3C,
    Identity = 0x3D,

    ControllerId = 0x40,
    HostId = 0x41,
    CounterOffsets = 0x42,
    Residence = 0x43,

    Slot = 0x50,
    Revision = 0x51,
    NeedsReset = 0x52,
    ActiveSlot = 0x53,
    PendingSlot = 0x54,

    Registrant = 0x60,
    Key = 0x61,
    Holder = 0x62,
    Type = 0x63,
    Generation = 0x64,

    State = 0x70,
    Command = 0x71,
    Pattern = 0x72,

    SnapshotId = 0x80,
    Created = 0x81,
    IsRestoring = 0x82,
}
