using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Ready to Transfer (TCP Transport 1.1, 3.6.2.10).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = R2T.Size)]
public struct R2T
{
    public const int Size = 24;

    [FieldOffset(0)] public CommonHeader Ch;

    /// <summary>CID of the command.</summary>
    [FieldOffset(8)] public U16Le Cccid;

    /// <summary>Transfer tag, which the H2CData PDUs that answer repeat.</summary>
    [FieldOffset(10)] public U16Le Ttag;

    /// <summary>Offset into the data of the command.</summary>
    [FieldOffset(12)] public U32Le R2to;

    /// <summary>In bytes.</summary>
    [FieldOffset(16)] public U32Le R2tl;
    [FieldOffset(20)] public Bytes4 Reserved20;
}
