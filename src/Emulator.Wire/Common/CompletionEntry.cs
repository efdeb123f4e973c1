using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Completion queue entry (Base 2.1, 4.2).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CompletionEntry.Size)]
public struct CompletionEntry
{
    public const int Size = 16;

    [FieldOffset(0)] public U32Le Dw0;
    [FieldOffset(4)] public U32Le Dw1;

    /// <summary>Submission queue head; FFFFh where submission queue flow control is off.</summary>
    [FieldOffset(8)] public U16Le Sqhd;

    /// <summary>Zero over Fabrics.</summary>
    [FieldOffset(10)] public U16Le Sqid;
    [FieldOffset(12)] public U16Le Cid;

    /// <summary>Phase tag in bit 0 (zero over Fabrics), status in bits 15:1.</summary>
    [FieldOffset(14)] public U16Le StatusField;

    public Status Status
    {
        readonly get => new((ushort)(StatusField >> 1));
        set => StatusField = (ushort)((value.Value << 1) | (StatusField & 1));
    }

    /// <summary>Dwords 0 and 1 as one number: the value that Property Get returns.</summary>
    public ulong Dw0And1
    {
        readonly get => Dw0 | ((ulong)Dw1 << 32);
        set => (Dw0, Dw1) = ((uint)value, (uint)(value >> 32));
    }
}
