using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Property Get command (Base 2.1, 6.5). The value comes back in dwords 0 and 1 of the completion.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PropertyGetCommand.Size)]
public struct PropertyGetCommand
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
    [FieldOffset(48)] public Bytes16 Reserved48;
}
