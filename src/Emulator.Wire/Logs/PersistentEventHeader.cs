using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Header of a persistent event (Base 2.1, 5.1.12.1.14). Vsil bytes of vendor information and the event data follow.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PersistentEventHeader.Size)]
public struct PersistentEventHeader
{
    public const int Size = 24;

    [FieldOffset(0)] public PersistentEventType Et;

    /// <summary>Revision of the event type.</summary>
    [FieldOffset(1)] public byte Etr;

    /// <summary>Bytes of this header that follow this field.</summary>
    [FieldOffset(2)] public byte Ehl;

    /// <summary>Additional information: port identifier valid in bits 1:0.</summary>
    [FieldOffset(3)] public byte Ehai;
    [FieldOffset(4)] public U16Le Cntlid;
    [FieldOffset(6)] public Timestamp Etstp;

    /// <summary>Port identifier.</summary>
    [FieldOffset(14)] public U16Le Pelpid;
    [FieldOffset(16)] public Bytes4 Reserved16;

    /// <summary>Vendor specific information length in bytes.</summary>
    [FieldOffset(20)] public U16Le Vsil;

    /// <summary>Length of vendor specific information and event data in bytes.</summary>
    [FieldOffset(22)] public U16Le El;

    /// <summary><see cref="Ehl"/> of this layout.</summary>
    public const byte HeaderLength = Size - 3;
}

/// <summary>Persistent event types (Base 2.1, 5.1.12.1.14.2).</summary>
public enum PersistentEventType : byte
{
    SmartHealthSnapshot = 0x01,
    FirmwareCommit = 0x02,
    TimestampChange = 0x03,
    PowerOnOrReset = 0x04,
    NvmSubsystemHardwareError = 0x05,
    ChangeNamespace = 0x06,
    FormatNvmStart = 0x07,
    FormatNvmCompletion = 0x08,
    SanitizeStart = 0x09,
    SanitizeCompletion = 0x0A,
    SetFeature = 0x0B,
    TelemetryLogCreated = 0x0C,
    ThermalExcursion = 0x0D,
    SanitizeMediaVerification = 0x0E,
    VendorSpecific = 0xDE,
    TcgDefined = 0xDF,
}
