using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Firmware Slot Information log page (Base 2.1, 5.1.12.1.4, LID 03h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FirmwareSlotInformation.Size)]
public struct FirmwareSlotInformation
{
    public const int Size = 512;

    /// <summary>
    /// Slot that runs in bits 2:0, slot that the next controller level reset activates in 6:4 (0 for the same).
    /// </summary>
    [FieldOffset(0)] public byte Afi;
    [FieldOffset(1)] public Bytes7 Reserved1;

    /// <summary>Element 0 is slot 1; all zero for an empty slot.</summary>
    [FieldOffset(8)] public FirmwareRevisions Frs;
    [FieldOffset(64)] public Bytes448 Reserved64;
}

/// <summary>Firmware revisions of slots 1 to 7, ASCII.</summary>
[InlineArray(Count)]
public struct FirmwareRevisions
{
    public const int Count = 7;
    public const int Size = Count * Bytes8.Size;

    private Bytes8 _first;
}
