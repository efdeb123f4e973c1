using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>What all Fabrics commands have in common (Base 2.1, 6). Opcode is 7Fh.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FabricsCommand.Size)]
public struct FabricsCommand
{
    public const int Size = 64;

    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public U16Le Cid;
    [FieldOffset(4)] public FabricsCommandType Fctype;
    [FieldOffset(5)] public Bytes19 Reserved5;

    /// <summary>Data pointer; reserved in the commands that move no data.</summary>
    [FieldOffset(24)] public SglDescriptor Sgl1;

    /// <summary>Fields of the command that Fctype names.</summary>
    [FieldOffset(40)] public Bytes24 Specific;
}

/// <summary>Fabrics Command Type (Base 2.1, 6).</summary>
public enum FabricsCommandType : byte
{
    PropertySet = 0x00,
    Connect = 0x01,
    PropertyGet = 0x04,
    AuthenticationSend = 0x05,
    AuthenticationReceive = 0x06,
    Disconnect = 0x08,
}
