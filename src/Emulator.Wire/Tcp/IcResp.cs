using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Initialize Connection Response (TCP Transport 1.1, 3.6.2.3).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IcResp.Size)]
public struct IcResp
{
    public const int Size = 128;

    [FieldOffset(0)] public CommonHeader Ch;

    /// <summary>PDU format version, 0.</summary>
    [FieldOffset(8)] public U16Le Pfv;

    /// <summary>Alignment of data that the controller asks for: zero-based count of dwords, 0 to 31.</summary>
    [FieldOffset(10)] public byte Cpda;
    [FieldOffset(11)] public PduDigests Dgst;

    /// <summary>Most bytes of data that one H2CData may carry, a multiple of 4 and at least 4096.</summary>
    [FieldOffset(12)] public U32Le Maxh2cdata;
    [FieldOffset(16)] public Bytes112 Reserved16;
}
