using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Initialize Connection Request (TCP Transport 1.1, 3.6.2.2).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IcReq.Size)]
public struct IcReq
{
    public const int Size = 128;

    [FieldOffset(0)] public CommonHeader Ch;

    /// <summary>PDU format version, 0.</summary>
    [FieldOffset(8)] public U16Le Pfv;

    /// <summary>Alignment of data that the host asks for: zero-based count of dwords, 0 to 31.</summary>
    [FieldOffset(10)] public byte Hpda;
    [FieldOffset(11)] public PduDigests Dgst;

    /// <summary>Outstanding R2Ts that the host takes for one command, zero-based.</summary>
    [FieldOffset(12)] public U32Le Maxr2t;
    [FieldOffset(16)] public Bytes112 Reserved16;
}
