using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Host to Controller and Controller to Host Data Transfer (TCP Transport 1.1, 3.6.2.8 and 3.6.2.9).
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DataPdu.Size)]
public struct DataPdu
{
    public const int Size = 24;

    [FieldOffset(0)] public CommonHeader Ch;

    /// <summary>CID of the command.</summary>
    [FieldOffset(8)] public U16Le Cccid;

    /// <summary>Transfer tag of the R2T; reserved in C2HData.</summary>
    [FieldOffset(10)] public U16Le Ttag;

    /// <summary>Offset into the data of the command, a multiple of 4.</summary>
    [FieldOffset(12)] public U32Le Datao;

    /// <summary>In bytes.</summary>
    [FieldOffset(16)] public U32Le Datal;
    [FieldOffset(20)] public Bytes4 Reserved20;
}
