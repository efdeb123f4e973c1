using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Connect command (Base 2.1, 6.3).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ConnectCommand.Size)]
public struct ConnectCommand
{
    public const int Size = 64;

    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public U16Le Cid;
    [FieldOffset(4)] public FabricsCommandType Fctype;
    [FieldOffset(5)] public Bytes19 Reserved5;
    [FieldOffset(24)] public SglDescriptor Sgl1;

    /// <summary>Record format, 0.</summary>
    [FieldOffset(40)] public U16Le Recfmt;

    /// <summary>0 for the admin queue.</summary>
    [FieldOffset(42)] public U16Le Qid;

    /// <summary>Entries of the submission queue, zero-based.</summary>
    [FieldOffset(44)] public U16Le Sqsize;

    /// <summary>See <see cref="ConnectAttributes"/>.</summary>
    [FieldOffset(46)] public byte Cattr;
    [FieldOffset(47)] public byte Reserved47;

    /// <summary>Keep alive timeout in milliseconds; admin queue only.</summary>
    [FieldOffset(48)] public U32Le Kato;

    /// <summary>NVM set of an I/O queue, 0 for none.</summary>
    [FieldOffset(52)] public U16Le Nvmsetid;
    [FieldOffset(54)] public Bytes10 Reserved54;
}

/// <summary>CATTR of Connect (Base 2.1, 6.3).</summary>
[Flags]
public enum ConnectAttributes : byte
{
    None = 0,
    PriorityClassMask = 3,
    DisableSqFlowControl = 1 << 2,
    IndividualIoQueueDeletion = 1 << 3,

    /// <summary>CONNENT: another controller connects, not a host.</summary>
    ConnectingEntityIsController = 1 << 4,
    ReservedMask = 0xE0,
}

/// <summary>Dword 0 of the completion of Connect (Base 2.1, 6.3).</summary>
public static class ConnectResult
{
    /// <summary>Success: the host must authenticate in band before it may use the queue.</summary>
    public const uint AuthenticationTransactionRequired = 1u << 17;

    /// <summary>Success: and over a secure channel.</summary>
    public const uint AuthenticationSecureChannelRequired = 1u << 18;

    /// <summary>Connect Invalid Parameters: the offset counts into the data, not into the command.</summary>
    public const uint InvalidParameterInData = 1u << 16;

    /// <summary>Connect Invalid Parameters about a field of the submission queue entry.</summary>
    public static uint InvalidCommandParameter(int offset) => (ushort)offset;

    /// <summary>Connect Invalid Parameters about a field of <see cref="ConnectData"/>.</summary>
    public static uint InvalidDataParameter(int offset) => InvalidParameterInData | (ushort)offset;
}
