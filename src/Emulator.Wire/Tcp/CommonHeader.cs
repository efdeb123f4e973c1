using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Common header of every NVMe/TCP PDU (TCP Transport 1.1, 3.6.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CommonHeader.Size)]
public struct CommonHeader
{
    public const int Size = 8;

    [FieldOffset(0)] public PduType PduType;
    [FieldOffset(1)] public PduFlags Flags;

    /// <summary>Length of the header without digest, in bytes.</summary>
    [FieldOffset(2)] public byte Hlen;

    /// <summary>Offset of the data from the first byte of the PDU.</summary>
    [FieldOffset(3)] public byte Pdo;

    /// <summary>Length of the whole PDU with digests and padding, in bytes.</summary>
    [FieldOffset(4)] public U32Le Plen;
}

/// <summary>PDU types (TCP Transport 1.1, 3.6.2).</summary>
public enum PduType : byte
{
    IcReq = 0x00,
    IcResp = 0x01,
    H2CTermReq = 0x02,
    C2HTermReq = 0x03,
    CapsuleCmd = 0x04,
    CapsuleResp = 0x05,
    H2CData = 0x06,
    C2HData = 0x07,
    R2T = 0x09,
    KdReq = 0x0A,
    KdResp = 0x0B,
}

/// <summary>FLAGS of the common header (TCP Transport 1.1, 3.6.2); which of them count depends on the PDU.</summary>
[Flags]
public enum PduFlags : byte
{
    None = 0,

    /// <summary>HDGSTF: a header digest follows the header.</summary>
    HeaderDigest = 1 << 0,

    /// <summary>DDGSTF: a data digest follows the data.</summary>
    DataDigest = 1 << 1,

    /// <summary>LAST_PDU: the last data PDU of the command (C2HData) or of the R2T (H2CData).</summary>
    LastPdu = 1 << 2,

    /// <summary>SUCCESS: the command succeeded and no response capsule follows.</summary>
    Success = 1 << 3,
}

/// <summary>DGST of ICReq and ICResp (TCP Transport 1.1, 3.6.2.2).</summary>
[Flags]
public enum PduDigests : byte
{
    None = 0,
    Header = 1 << 0,
    Data = 1 << 1,
}
