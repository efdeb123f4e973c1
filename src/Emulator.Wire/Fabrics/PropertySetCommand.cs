using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Property Set command (Base 2.1, 6.6).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PropertySetCommand.Size)]
public struct PropertySetCommand
{
    public const int Size = 64;

    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public U16Le Cid;
    [FieldOffset(4)] public FabricsCommandType Fctype;
    [FieldOffset(5)] public Bytes35 Reserved5;

    /// <summary>Size in bits 2:0: 0 for 4 bytes, 1 for 8 bytes.</summary>
    [FieldOffset(40)] public byte Attrib;
    [FieldOffset(41)] public Bytes3 Reserved41;

    /// <summary>See <see cref="ControllerProperty"/>.</summary>
    [FieldOffset(44)] public U32Le Ofst;

    /// <summary>Only the low half counts for a property of 4 bytes.</summary>
    [FieldOffset(48)] public U64Le Value;
    [FieldOffset(56)] public Bytes8 Reserved56;
}
