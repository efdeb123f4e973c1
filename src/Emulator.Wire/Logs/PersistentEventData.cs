using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Firmware Commit event data, event type 02h (Base 2.1, 5.1.12.1.14.2.2).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FirmwareCommitEvent.Size)]
public struct FirmwareCommitEvent
{
    public const int Size = 22;

    /// <summary>Old firmware revision.</summary>
    [FieldOffset(0)] public Bytes8 Ofr;

    /// <summary>New firmware revision.</summary>
    [FieldOffset(8)] public Bytes8 Nfr;

    /// <summary>Firmware commit action.</summary>
    [FieldOffset(16)] public byte Fca;

    /// <summary>Firmware slot.</summary>
    [FieldOffset(17)] public byte Fslt;

    /// <summary>Status code type of the command.</summary>
    [FieldOffset(18)] public byte Stctfcc;

    /// <summary>Status code of the command.</summary>
    [FieldOffset(19)] public byte Srfcc;

    /// <summary>Vendor assigned result code.</summary>
    [FieldOffset(20)] public U16Le Vafcrc;
}

/// <summary>Timestamp Change event data, event type 03h (Base 2.1, 5.1.12.1.14.2.3).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = TimestampChangeEvent.Size)]
public struct TimestampChangeEvent
{
    public const int Size = 16;

    /// <summary>The timestamp before.</summary>
    [FieldOffset(0)] public Timestamp Ptstp;

    /// <summary>Milliseconds since reset.</summary>
    [FieldOffset(8)] public U64Le Msr;
}

/// <summary>
/// Power-on or Reset event data, event type 04h (Base 2.1, 5.1.12.1.14.2.4); one <see
/// cref="ControllerResetInformation"/> for each controller follows.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PowerOnOrResetEvent.Size)]
public struct PowerOnOrResetEvent
{
    public const int Size = 8;

    /// <summary>Firmware revision.</summary>
    [FieldOffset(0)] public Bytes8 Frev;
}

/// <summary>
/// Controller Reset Information descriptor of a Power-on or Reset event (Base 2.1, 5.1.12.1.14.2.4).
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ControllerResetInformation.Size)]
public struct ControllerResetInformation
{
    public const int Size = 36;

    [FieldOffset(0)] public U16Le Cntlid;

    /// <summary>Firmware activation: 0 none, 1 a new image was activated.</summary>
    [FieldOffset(2)] public byte Fa;

    /// <summary>Operations in progress: bit 0 Format.</summary>
    [FieldOffset(3)] public byte Oip;
    [FieldOffset(4)] public Bytes12 Reserved4;

    /// <summary>Controller power cycle.</summary>
    [FieldOffset(16)] public U32Le Cpwrc;

    /// <summary>Power on milliseconds.</summary>
    [FieldOffset(20)] public U64Le Pom;

    /// <summary>Controller timestamp.</summary>
    [FieldOffset(28)] public Timestamp Ctstp;
}

/// <summary>
/// NVM Subsystem Hardware Error event data, event type 05h (Base 2.1, 5.1.12.1.14.2.5); what follows depends on the
/// code.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = HardwareErrorEvent.Size)]
public struct HardwareErrorEvent
{
    public const int Size = 4;

    /// <summary>Hardware error event code.</summary>
    [FieldOffset(0)] public U16Le Nsheec;
    [FieldOffset(2)] public Bytes2 Reserved2;
}

/// <summary>Change Namespace event data, event type 06h (Base 2.1, 5.1.12.1.14.2.6).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ChangeNamespaceEvent.Size)]
public struct ChangeNamespaceEvent
{
    public const int Size = 48;

    /// <summary>Dword 10 of the Namespace Management command.</summary>
    [FieldOffset(0)] public U32Le Nmcdw10;
    [FieldOffset(4)] public Bytes4 Reserved4;
    [FieldOffset(8)] public U64Le Nsze;
    [FieldOffset(16)] public Bytes8 Reserved16;
    [FieldOffset(24)] public U64Le Ncap;
    [FieldOffset(32)] public byte Flbas;
    [FieldOffset(33)] public byte Dps;
    [FieldOffset(34)] public byte Nmic;
    [FieldOffset(35)] public byte Reserved35;
    [FieldOffset(36)] public U32Le Anagrpid;
    [FieldOffset(40)] public U16Le Nvmsetid;
    [FieldOffset(42)] public U16Le Endgid;
    [FieldOffset(44)] public U32Le Nsid;
}

/// <summary>Format NVM Start event data, event type 07h (Base 2.1, 5.1.12.1.14.2.7).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FormatStartEvent.Size)]
public struct FormatStartEvent
{
    public const int Size = 12;

    [FieldOffset(0)] public U32Le Nsid;
    [FieldOffset(4)] public byte Fna;
    [FieldOffset(5)] public Bytes3 Reserved5;

    /// <summary>Dword 10 of the Format NVM command.</summary>
    [FieldOffset(8)] public U32Le Fmcdw10;
}

/// <summary>Format NVM Completion event data, event type 08h (Base 2.1, 5.1.12.1.14.2.8).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FormatCompletionEvent.Size)]
public struct FormatCompletionEvent
{
    public const int Size = 12;

    [FieldOffset(0)] public U32Le Nsid;

    /// <summary>Smallest format progress indicator.</summary>
    [FieldOffset(4)] public byte Sfpi;

    /// <summary>Bit 0 error, 1 incomplete.</summary>
    [FieldOffset(5)] public byte Fnvms;

    /// <summary>Completion information, vendor specific.</summary>
    [FieldOffset(6)] public U16Le Cinfo;

    /// <summary>Status field of the completion: phase tag in bit 0, status in bits 15:1.</summary>
    [FieldOffset(8)] public U16Le Info;
    [FieldOffset(10)] public Bytes2 Reserved10;
}

/// <summary>Sanitize Start event data, event type 09h (Base 2.1, 5.1.12.1.14.2.9).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SanitizeStartEvent.Size)]
public struct SanitizeStartEvent
{
    public const int Size = 12;

    [FieldOffset(0)] public U32Le Sanicap;

    /// <summary>Dword 10 of the Sanitize command.</summary>
    [FieldOffset(4)] public U32Le Scdw10;

    /// <summary>Dword 11 of the Sanitize command.</summary>
    [FieldOffset(8)] public U32Le Scdw11;
}

/// <summary>Sanitize Completion event data, event type 0Ah (Base 2.1, 5.1.12.1.14.2.10).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SanitizeCompletionEvent.Size)]
public struct SanitizeCompletionEvent
{
    public const int Size = 8;

    [FieldOffset(0)] public U16Le Sprog;
    [FieldOffset(2)] public U16Le Sstat;

    /// <summary>Completion information, vendor specific.</summary>
    [FieldOffset(4)] public U16Le Cinfo;
    [FieldOffset(6)] public Bytes2 Reserved6;
}

/// <summary>
/// Set Feature event data, event type 0Bh (Base 2.1, 5.1.12.1.14.2.11); the logged dwords and data follow.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SetFeatureEvent.Size)]
public struct SetFeatureEvent
{
    public const int Size = 4;

    /// <summary>
    /// Dwords of the command logged in bits 2:0, bit 3 completion dword 0 logged, bytes of data in bits 31:16.
    /// </summary>
    [FieldOffset(0)] public U32Le Sfel;
}

/// <summary>Thermal Excursion event data, event type 0Dh (Base 2.1, 5.1.12.1.14.2.13).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ThermalExcursionEvent.Size)]
public struct ThermalExcursionEvent
{
    public const int Size = 2;

    /// <summary>Kelvins over the threshold.</summary>
    [FieldOffset(0)] public byte Otmp;

    /// <summary>Which threshold, and whether it was crossed upwards.</summary>
    [FieldOffset(1)] public byte Thresh;
}
