using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Host to Controller and Controller to Host Terminate Connection Request (TCP Transport 1.1, 3.6.2.4 and 3.6.2.5). Up
/// to 128 bytes of the header at fault follow as data.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = TermReq.Size)]
public struct TermReq
{
    public const int Size = 24;

    [FieldOffset(0)] public CommonHeader Ch;

    /// <summary>See <see cref="FatalErrorStatus"/>.</summary>
    [FieldOffset(8)] public U16Le Fes;

    /// <summary>Offset of the field at fault, or the digest that was received.</summary>
    [FieldOffset(10)] public U32Le Fei;
    [FieldOffset(14)] public Bytes10 Reserved14;

    /// <summary>Longest PDU: this header and 128 bytes of the header at fault.</summary>
    public const int MaximumPduLength = Size + 128;
}

/// <summary>Fatal Error Status of a terminate request (TCP Transport 1.1, 3.6.2.4).</summary>
public enum FatalErrorStatus : ushort
{
    InvalidPduHeaderField = 0x01,
    PduSequenceError = 0x02,
    HeaderDigestError = 0x03,
    DataTransferOutOfRange = 0x04,

    /// <summary>From the host: more R2Ts than MAXR2T. From the controller: more data than MAXH2CDATA.</summary>
    LimitExceeded = 0x05,
    UnsupportedParameter = 0x06,
}
