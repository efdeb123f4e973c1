using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Data of the Connect command (Base 2.1, 6.3).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ConnectData.Size)]
public struct ConnectData
{
    public const int Size = 1024;

    [FieldOffset(0)] public Bytes16 Hostid;

    /// <summary>FFFFh asks for any controller of the dynamic model.</summary>
    [FieldOffset(16)] public U16Le Cntlid;
    [FieldOffset(18)] public Bytes238 Reserved18;

    /// <summary>UTF-8, ended by a zero.</summary>
    [FieldOffset(256)] public Bytes256 Subnqn;

    /// <summary>UTF-8, ended by a zero.</summary>
    [FieldOffset(512)] public Bytes256 Hostnqn;
    [FieldOffset(768)] public Bytes256 Reserved768;

    /// <summary>Cntlid of a host that takes whichever controller the subsystem gives it.</summary>
    public const ushort AnyDynamicController = 0xFFFF;

    /// <summary>Cntlid of a host that takes any controller of the static model.</summary>
    public const ushort AnyStaticController = 0xFFFE;
}
