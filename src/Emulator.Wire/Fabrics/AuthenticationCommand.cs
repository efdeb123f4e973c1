using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Authentication Receive and Authentication Send commands (Base 2.1, 6.1 and 6.2), which share one layout.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = AuthenticationCommand.Size)]
public struct AuthenticationCommand
{
    public const int Size = 64;

    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public U16Le Cid;
    [FieldOffset(4)] public FabricsCommandType Fctype;
    [FieldOffset(5)] public Bytes19 Reserved5;
    [FieldOffset(24)] public SglDescriptor Sgl1;
    [FieldOffset(40)] public byte Reserved40;
    [FieldOffset(41)] public byte Spsp0;
    [FieldOffset(42)] public byte Spsp1;

    /// <summary>Security protocol.</summary>
    [FieldOffset(43)] public byte Secp;

    /// <summary>Transfer length of Send, allocation length of Receive, in bytes.</summary>
    [FieldOffset(44)] public U32Le Tl;
    [FieldOffset(48)] public Bytes16 Reserved48;
}
