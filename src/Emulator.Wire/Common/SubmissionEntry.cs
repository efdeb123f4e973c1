using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Submission queue entry, the common command format (Base 2.1, 4.1.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SubmissionEntry.Size)]
public struct SubmissionEntry
{
    public const int Size = 64;

    [FieldOffset(0)] public byte Opcode;

    /// <summary>Fused operation in bits 1:0, PRP or SGL for data transfer in bits 7:6.</summary>
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public U16Le Cid;
    [FieldOffset(4)] public U32Le Nsid;
    [FieldOffset(8)] public U32Le Cdw2;
    [FieldOffset(12)] public U32Le Cdw3;

    /// <summary>Metadata pointer.</summary>
    [FieldOffset(16)] public U64Le Mptr;

    /// <summary>Data pointer.</summary>
    [FieldOffset(24)] public SglDescriptor Sgl1;
    [FieldOffset(40)] public U32Le Cdw10;
    [FieldOffset(44)] public U32Le Cdw11;
    [FieldOffset(48)] public U32Le Cdw12;
    [FieldOffset(52)] public U32Le Cdw13;
    [FieldOffset(56)] public U32Le Cdw14;
    [FieldOffset(60)] public U32Le Cdw15;

    /// <summary>Bits 5:2 of <see cref="Flags"/>.</summary>
    public const byte FlagsReservedMask = 0x3C;

    public FusedOperation Fuse
    {
        readonly get => (FusedOperation)(Flags & 3);
        set => Flags = (byte)((Flags & ~3) | (int)value);
    }

    public DataTransferFormat Psdt
    {
        readonly get => (DataTransferFormat)(Flags >> 6);
        set => Flags = (byte)((Flags & 0x3F) | ((int)value << 6));
    }

    /// <summary>Dwords 10 and 11 as one number: the starting LBA of most I/O commands.</summary>
    public ulong Cdw10And11
    {
        readonly get => Cdw10 | ((ulong)Cdw11 << 32);
        set => (Cdw10, Cdw11) = ((uint)value, (uint)(value >> 32));
    }

    /// <summary>Dwords 12 and 13 as one number: the log page offset of Get Log Page.</summary>
    public ulong Cdw12And13
    {
        readonly get => Cdw12 | ((ulong)Cdw13 << 32);
        set => (Cdw12, Cdw13) = ((uint)value, (uint)(value >> 32));
    }
}

/// <summary>FUSE (Base 2.1, 4.1.1).</summary>
public enum FusedOperation : byte
{
    Normal = 0,
    First = 1,
    Second = 2,
    Reserved = 3,
}

/// <summary>PSDT (Base 2.1, 4.1.1). Fabrics hosts set either of the SGL values.</summary>
public enum DataTransferFormat : byte
{
    Prp = 0,
    SglWithMetadataBuffer = 1,
    SglWithMetadataSegment = 2,
    Reserved = 3,
}
