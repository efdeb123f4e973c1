using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// I/O Command Set Independent Identify Namespace data structure (Base 2.1, 5.1.13.2.8, CNS 08h and 1Fh).
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IdentifyIndependentNamespace.Size)]
public struct IdentifyIndependentNamespace
{
    public const int Size = 4096;

    /// <summary>
    /// Common features: bit 3 identifiers not reused, 4 rotational media, 5 volatile write cache not present.
    /// </summary>
    [FieldOffset(0)] public byte Nsfeat;

    /// <summary>Bit 0: shared.</summary>
    [FieldOffset(1)] public byte Nmic;

    /// <summary>See <see cref="ReservationCapabilities"/>.</summary>
    [FieldOffset(2)] public byte Rescap;

    /// <summary>Format progress indicator.</summary>
    [FieldOffset(3)] public byte Fpi;
    [FieldOffset(4)] public U32Le Anagrpid;

    /// <summary>Bit 0: write protected.</summary>
    [FieldOffset(8)] public byte Nsattr;
    [FieldOffset(9)] public byte Reserved9;
    [FieldOffset(10)] public U16Le Nvmsetid;
    [FieldOffset(12)] public U16Le Endgid;

    /// <summary>Bit 0: ready.</summary>
    [FieldOffset(14)] public byte Nstat;

    /// <summary>Key per I/O status.</summary>
    [FieldOffset(15)] public byte Kpios;

    /// <summary>Maximum key tag.</summary>
    [FieldOffset(16)] public U16Le Maxkt;
    [FieldOffset(18)] public Bytes2 Reserved18;

    /// <summary>Reachability group identifier.</summary>
    [FieldOffset(20)] public U32Le Rgrpid;
    [FieldOffset(24)] public Bytes4072 Reserved24;
}
