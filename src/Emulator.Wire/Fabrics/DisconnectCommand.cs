using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Disconnect command (Base 2.1, 6.4).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DisconnectCommand.Size)]
public struct DisconnectCommand
{
    public const int Size = 64;

    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public U16Le Cid;
    [FieldOffset(4)] public FabricsCommandType Fctype;
    [FieldOffset(5)] public Bytes35 Reserved5;

    /// <summary>Record format, 0.</summary>
    [FieldOffset(40)] public U16Le Recfmt;
    [FieldOffset(42)] public Bytes22 Reserved42;
}
