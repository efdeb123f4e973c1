using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Error Information Log Entry (Base 2.1, 5.1.12.1.2, LID 01h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ErrorInformationEntry.Size)]
public struct ErrorInformationEntry
{
    public const int Size = 64;

    /// <summary>Error count: unique over the life of the controller, 0 for an entry that is not valid.</summary>
    [FieldOffset(0)] public U64Le Ecnt;
    [FieldOffset(8)] public U16Le Sqid;
    [FieldOffset(10)] public U16Le Cid;

    /// <summary>Status field of the completion: phase tag in bit 0, status in bits 15:1.</summary>
    [FieldOffset(12)] public U16Le Sts;

    /// <summary>Parameter error location: byte in bits 7:0, bit in 10:8, FFFFh for none.</summary>
    [FieldOffset(14)] public U16Le Pel;
    [FieldOffset(16)] public U64Le Lba;
    [FieldOffset(24)] public U32Le Nsid;

    /// <summary>Log page with vendor specific information, 0 for none.</summary>
    [FieldOffset(28)] public byte Vsia;

    /// <summary>See <see cref="TransportType"/>.</summary>
    [FieldOffset(29)] public byte Trtype;
    [FieldOffset(30)] public byte Csi;
    [FieldOffset(31)] public byte Opc;

    /// <summary>Command specific information.</summary>
    [FieldOffset(32)] public U64Le Csinfo;

    /// <summary>Transport type specific information.</summary>
    [FieldOffset(40)] public U16Le Ttsi;
    [FieldOffset(42)] public Bytes21 Reserved42;

    /// <summary>Log page version, 1.</summary>
    [FieldOffset(63)] public byte Lpver;

    /// <summary><see cref="Pel"/> of an error that is not about a field of the command.</summary>
    public const ushort NoParameter = 0xFFFF;
}
