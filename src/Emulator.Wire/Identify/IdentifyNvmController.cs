using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// NVM command set Identify Controller data structure (NVM Command Set 1.2, 4.1.5.4, CNS 06h, CSI 00h). A size limit
/// is 2^n memory pages, 0 for none.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IdentifyNvmController.Size)]
public struct IdentifyNvmController
{
    public const int Size = 4096;

    /// <summary>Verify size limit.</summary>
    [FieldOffset(0)] public byte Vsl;

    /// <summary>Write Zeroes size limit.</summary>
    [FieldOffset(1)] public byte Wzsl;

    /// <summary>Write Uncorrectable size limit.</summary>
    [FieldOffset(2)] public byte Wusl;

    /// <summary>Ranges in one Dataset Management.</summary>
    [FieldOffset(3)] public byte Dmrl;

    /// <summary>Logical blocks in one range of Dataset Management.</summary>
    [FieldOffset(4)] public U32Le Dmrsl;

    /// <summary>Logical blocks in one Dataset Management.</summary>
    [FieldOffset(8)] public U64Le Dmsl;

    /// <summary>Key per I/O capabilities.</summary>
    [FieldOffset(16)] public byte Kpiocap;

    /// <summary>Write Zeroes with deallocate size limit.</summary>
    [FieldOffset(17)] public byte Wzdsl;

    /// <summary>Bit 0 RALBAS: Get LBA Status reports allocated blocks.</summary>
    [FieldOffset(18)] public U16Le Aocs;

    /// <summary>Version of the NVM Command Set Specification.</summary>
    [FieldOffset(20)] public U32Le Ver;

    /// <summary>LBA migration queue format.</summary>
    [FieldOffset(24)] public byte Lbamqf;
    [FieldOffset(25)] public Bytes4071 Reserved25;
}
