using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Identify Namespace data structure (NVM Command Set 1.2, 4.1.5.1, CNS 00h and 11h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IdentifyNamespace.Size)]
public struct IdentifyNamespace
{
    public const int Size = 4096;

    /// <summary>Size in logical blocks.</summary>
    [FieldOffset(0)] public U64Le Nsze;

    /// <summary>Capacity in logical blocks.</summary>
    [FieldOffset(8)] public U64Le Ncap;

    /// <summary>Utilization in logical blocks.</summary>
    [FieldOffset(16)] public U64Le Nuse;

    /// <summary>See <see cref="NamespaceFeatures"/>.</summary>
    [FieldOffset(24)] public byte Nsfeat;

    /// <summary>Number of LBA formats, zero-based.</summary>
    [FieldOffset(25)] public byte Nlbaf;

    /// <summary>Format in use: index in bits 3:0 and 6:5, bit 4 metadata in line.</summary>
    [FieldOffset(26)] public byte Flbas;

    /// <summary>Metadata capabilities.</summary>
    [FieldOffset(27)] public byte Mc;

    /// <summary>End-to-end data protection capabilities.</summary>
    [FieldOffset(28)] public byte Dpc;

    /// <summary>End-to-end data protection settings.</summary>
    [FieldOffset(29)] public byte Dps;

    /// <summary>Bit 0: shared.</summary>
    [FieldOffset(30)] public byte Nmic;

    /// <summary>See <see cref="ReservationCapabilities"/>.</summary>
    [FieldOffset(31)] public byte Rescap;

    /// <summary>Format progress indicator: bit 7 supported, 6:0 percent that remains.</summary>
    [FieldOffset(32)] public byte Fpi;

    /// <summary>Deallocate: 2:0 what is read (1 zeroes), 3 Write Zeroes may deallocate, 4 guard.</summary>
    [FieldOffset(33)] public byte Dlfeat;

    /// <summary>Atomic write unit normal, zero-based.</summary>
    [FieldOffset(34)] public U16Le Nawun;

    /// <summary>Atomic write unit power fail, zero-based.</summary>
    [FieldOffset(36)] public U16Le Nawupf;

    /// <summary>Atomic compare and write unit, zero-based.</summary>
    [FieldOffset(38)] public U16Le Nacwu;

    /// <summary>Atomic boundary size normal, zero-based.</summary>
    [FieldOffset(40)] public U16Le Nabsn;

    /// <summary>Atomic boundary offset.</summary>
    [FieldOffset(42)] public U16Le Nabo;

    /// <summary>Atomic boundary size power fail, zero-based.</summary>
    [FieldOffset(44)] public U16Le Nabspf;

    /// <summary>Optimal I/O boundary in logical blocks.</summary>
    [FieldOffset(46)] public U16Le Noiob;

    /// <summary>Bytes allocated to this namespace.</summary>
    [FieldOffset(48)] public U128Le Nvmcap;

    /// <summary>Preferred write granularity, zero-based.</summary>
    [FieldOffset(64)] public U16Le Npwg;

    /// <summary>Preferred write alignment, zero-based.</summary>
    [FieldOffset(66)] public U16Le Npwa;

    /// <summary>Preferred deallocate granularity, zero-based.</summary>
    [FieldOffset(68)] public U16Le Npdg;

    /// <summary>Preferred deallocate alignment, zero-based.</summary>
    [FieldOffset(70)] public U16Le Npda;

    /// <summary>Optimal write size, zero-based.</summary>
    [FieldOffset(72)] public U16Le Nows;

    /// <summary>Blocks in one source range of Copy.</summary>
    [FieldOffset(74)] public U16Le Mssrl;

    /// <summary>Blocks in one Copy.</summary>
    [FieldOffset(76)] public U32Le Mcl;

    /// <summary>Source ranges in one Copy, zero-based.</summary>
    [FieldOffset(80)] public byte Msrc;

    /// <summary>Key per I/O status.</summary>
    [FieldOffset(81)] public byte Kpios;

    /// <summary>Unique attribute LBA formats, zero-based.</summary>
    [FieldOffset(82)] public byte Nulbaf;
    [FieldOffset(83)] public byte Reserved83;

    /// <summary>Key per I/O data access alignment and granularity.</summary>
    [FieldOffset(84)] public U32Le Kpiodaag;
    [FieldOffset(88)] public Bytes4 Reserved88;
    [FieldOffset(92)] public U32Le Anagrpid;
    [FieldOffset(96)] public Bytes3 Reserved96;

    /// <summary>Bit 0: write protected.</summary>
    [FieldOffset(99)] public byte Nsattr;
    [FieldOffset(100)] public U16Le Nvmsetid;
    [FieldOffset(102)] public U16Le Endgid;

    /// <summary>Big-endian, as IEEE registers it.</summary>
    [FieldOffset(104)] public Bytes16 Nguid;

    /// <summary>Big-endian, as IEEE registers it.</summary>
    [FieldOffset(120)] public Bytes8 Eui64;
    [FieldOffset(128)] public LbaFormats Lbaf;

    /// <summary>Vendor specific.</summary>
    [FieldOffset(384)] public Bytes3712 Vs;

    /// <summary>Index into <see cref="Lbaf"/> of the format in use.</summary>
    public readonly int FormatIndex => (Flbas & 0xF) | ((Flbas >> 1) & 0x30);
}
