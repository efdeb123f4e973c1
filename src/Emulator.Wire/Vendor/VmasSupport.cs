using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Support structure of the vendor command set, bytes 3072 to 3135 of Identify Controller.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = VmasSupport.Size)]
public struct VmasSupport
{
    public const int Size = 64;

    /// <summary>ASCII VMAS.</summary>
    [FieldOffset(0)] public U32Le Signature;

    /// <summary>Major version shifted left by 8, or minor version.</summary>
    [FieldOffset(4)] public U16Le Version;

    /// <summary>64.</summary>
    [FieldOffset(6)] public U16Le StructureSize;

    /// <summary>See <see cref="VmasCapabilities"/>.</summary>
    [FieldOffset(8)] public U32Le Capabilities;

    /// <summary>D0h.</summary>
    [FieldOffset(12)] public byte FirstFeature;

    /// <summary>D0h.</summary>
    [FieldOffset(13)] public byte FirstLogPage;
    [FieldOffset(14)] public Bytes2 Reserved14;

    /// <summary>In bytes.</summary>
    [FieldOffset(16)] public U32Le TrackingGranule;

    /// <summary>Most ranges that a range list returns, 0 for no limit.</summary>
    [FieldOffset(20)] public U32Le MaximumRanges;

    /// <summary>Snapshots supported.</summary>
    [FieldOffset(24)] public U32Le Snapshots;

    /// <summary>Migrations that may be active at once.</summary>
    [FieldOffset(28)] public U32Le ActiveMigrations;
    [FieldOffset(32)] public Bytes32 Reserved32;

    /// <summary>"VMAS" as <see cref="Signature"/> reads.</summary>
    public const uint SignatureValue = 0x53414D56;

    public const ushort Version10 = 0x0100;

    /// <summary>With schemes.</summary>
    public const ushort Version11 = 0x0101;

    /// <summary>With the write limit, feature D3h.</summary>
    public const ushort Version12 = 0x0102;
}

/// <summary>Capabilities of the vendor command set; a bit is set only for what works.</summary>
[Flags]
public enum VmasCapabilities : uint
{
    None = 0,
    SourceRole = 1u << 0,
    DestinationRole = 1u << 1,
    LifetimeWrittenRanges = 1u << 2,
    DirtyRanges = 1u << 3,
    DirtyState = 1u << 4,
    RangeChecksums = 1u << 5,
    SnapshotsAndDeltas = 1u << 6,
    DirectTransfer = 1u << 7,
    EncodedStreamTransfer = 1u << 8,
    CacheRetention = 1u << 9,
    MigrationPrefetch = 1u << 10,
    ManagerTargetsOtherControllers = 1u << 11,
    TranslationStateReplication = 1u << 12,
    StreamSharedController = 1u << 13,

    /// <summary>Direct transfers under a scheme, from version 1.1 on.</summary>
    Schemes = 1u << 14,

    /// <summary>A VM's writes can be held to a rate while it migrates, feature D3h, from version 1.2 on.</summary>
    WriteLimit = 1u << 15,
}
