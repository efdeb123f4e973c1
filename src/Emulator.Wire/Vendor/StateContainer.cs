using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Header of the state container, log pages D1h and D2h and feature D1h of the vendor command set.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StateContainerHeader.Size)]
public struct StateContainerHeader
{
    public const int Size = 64;

    /// <summary>ASCII VMSS.</summary>
    [FieldOffset(0)] public U32Le Magic;

    /// <summary>1.</summary>
    [FieldOffset(4)] public U16Le Version;

    /// <summary>Bit 0: delta.</summary>
    [FieldOffset(6)] public U16Le Flags;

    /// <summary>With this header.</summary>
    [FieldOffset(8)] public U64Le TotalBytes;
    [FieldOffset(16)] public U64Le Generation;
    [FieldOffset(24)] public U16Le Target;
    [FieldOffset(26)] public U16Le Sections;

    /// <summary>CRC-32C of everything after this header.</summary>
    [FieldOffset(28)] public U32Le PayloadCrc;
    [FieldOffset(32)] public Bytes16 DeviceUuid;

    /// <summary>Generation that a delta is against.</summary>
    [FieldOffset(48)] public U64Le BaseGeneration;
    [FieldOffset(56)] public U32Le Reserved56;

    /// <summary>CRC-32C of bytes 0 to 59.</summary>
    [FieldOffset(60)] public U32Le HeaderCrc;

    /// <summary>"VMSS" as <see cref="Magic"/> reads.</summary>
    public const uint MagicValue = 0x53534D56;

    public const ushort DeltaFlag = 1;
}

/// <summary>Header of a section of the state container; the payload follows, padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StateSectionHeader.Size)]
public struct StateSectionHeader
{
    public const int Size = 8;

    /// <summary>See <see cref="StateSectionType"/>.</summary>
    [FieldOffset(0)] public U16Le Type;
    [FieldOffset(2)] public U16Le Version;

    /// <summary>Of the payload without padding, in bytes.</summary>
    [FieldOffset(4)] public U32Le Length;
}

/// <summary>
/// Header of an attribute in the payload of a section; the value follows, padded to 8 bytes. What it is an attribute of
/// follows from section and type (specs/state-container.md).
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StateAttributeHeader.Size)]
public struct StateAttributeHeader
{
    public const int Size = 16;

    /// <summary>Sections, attributes and their values begin at multiples of this many bytes.</summary>
    public const int Alignment = 8;

    /// <summary>One of <see cref="TransportAttribute"/> and so on, by the section.</summary>
    [FieldOffset(0)] public U16Le Type;

    /// <summary>Bit 0: in a delta, the attribute is gone.</summary>
    [FieldOffset(2)] public U16Le Flags;

    /// <summary>Of the value without padding, in bytes.</summary>
    [FieldOffset(4)] public U32Le Length;

    /// <summary>Which of several attributes of the type it is.</summary>
    [FieldOffset(8)] public U64Le Key;

    public const ushort RemovedFlag = 1;
}

/// <summary>Sections of the state container.</summary>
public enum StateSectionType : ushort
{
    Transport = 1,
    Interface = 2,
    IoActivity = 3,
    Translation = 4,
}
