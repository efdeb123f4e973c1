using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Header of the data of Get LBA Status (NVM Command Set 1.2, 4.2.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = LbaStatusHeader.Size)]
public struct LbaStatusHeader
{
    public const int Size = 8;

    /// <summary>Number of descriptors.</summary>
    [FieldOffset(0)] public U32Le Nlsd;

    /// <summary>Completion condition.</summary>
    [FieldOffset(4)] public LbaStatusCompletion Cmpc;
    [FieldOffset(5)] public Bytes3 Reserved5;
}

/// <summary>LBA Status Descriptor of Get LBA Status (NVM Command Set 1.2, 4.2.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = LbaStatusDescriptor.Size)]
public struct LbaStatusDescriptor
{
    public const int Size = 16;

    /// <summary>Starting LBA.</summary>
    [FieldOffset(0)] public U64Le Dslba;

    /// <summary>Number of logical blocks, zero-based.</summary>
    [FieldOffset(8)] public U32Le Nlb;
    [FieldOffset(12)] public byte Reserved12;

    /// <summary>In bits 2:0: 1 may be unrecoverable, 2 allocated, 3 written as uncorrectable.</summary>
    [FieldOffset(13)] public byte Stas;
    [FieldOffset(14)] public Bytes2 Reserved14;
}

/// <summary>CMPC of Get LBA Status (NVM Command Set 1.2, 4.2.1).</summary>
public enum LbaStatusCompletion : byte
{
    NotIndicated = 0,
    Incomplete = 1,
    Complete = 2,
}

/// <summary>Action Type of Get LBA Status (NVM Command Set 1.2, 4.2.1).</summary>
public enum LbaStatusAction : byte
{
    AllocatedBlocks = 0x02,
    ScanUntrackedAndTracked = 0x10,
    Tracked = 0x11,
}
