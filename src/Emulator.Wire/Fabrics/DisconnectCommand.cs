using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Disconnect command (Base 2.1, 6.2).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DisconnectCommand.Size)]
public struct DisconnectCommand
{
    public const int Size = 64;

    [FieldOffset(0)]
    public byte Opcode;

    [FieldOffset(1)]
    public byte Flags;

    [FieldOffset(2)]
    public U16Le Cid;

    [FieldOffset(4)]
    public FabricsCommandType Fctype;

    [FieldOffset(5)]
    public Bytes19 Reserved5;

    [FieldOffset(24)]
    public SglDescriptor Sgl1;

    /// <summary>Record format, 0.</summary>
    [FieldOffset(40)]
    public U16Le Recfmt;

    [FieldOffset(42)]
    public Bytes22 Reserved42;
}
