using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Header of the Discovery log page (Base 2.1, 5.1.12.3.1, LID 70h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DiscoveryLogHeader.Size)]
public struct DiscoveryLogHeader
{
    public const int Size = 1024;

    /// <summary>Generation counter.</summary>
    [FieldOffset(0)] public U64Le Genctr;

    /// <summary>Number of records.</summary>
    [FieldOffset(8)] public U64Le Numrec;

    /// <summary>Record format, 0.</summary>
    [FieldOffset(16)] public U16Le Recfmt;

    /// <summary>Flags: bit 0 extended entries, 1 this port only, 2 all subsystems.</summary>
    [FieldOffset(18)] public byte Dlpf;
    [FieldOffset(19)] public byte Reserved19;

    /// <summary>Total length in bytes, 0 for not reported.</summary>
    [FieldOffset(20)] public U32Le Tdlpl;
    [FieldOffset(24)] public Bytes1000 Reserved24;
}

/// <summary>Discovery Log Entry (Base 2.1, 5.1.12.3.1). Texts in Trsvcid and Traddr are padded with spaces.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DiscoveryLogEntry.Size)]
public struct DiscoveryLogEntry
{
    public const int Size = 1024;

    [FieldOffset(0)] public TransportType Trtype;
    [FieldOffset(1)] public AddressFamily Adrfam;
    [FieldOffset(2)] public SubsystemType Subtype;

    /// <summary>
    /// Secure channel in bits 1:0 (0 not specified, 1 required, 2 not), bit 2 can disable SQ flow control, 3 zero host
    /// identifier.
    /// </summary>
    [FieldOffset(3)] public byte Treq;
    [FieldOffset(4)] public U16Le Portid;

    /// <summary>FFFFh for the dynamic controller model.</summary>
    [FieldOffset(6)] public U16Le Cntlid;

    /// <summary>Largest admin submission queue.</summary>
    [FieldOffset(8)] public U16Le Asqsz;

    /// <summary>
    /// Bit 0 duplicate returned information, 1 explicit persistent connections, 2 no CDC connectivity.
    /// </summary>
    [FieldOffset(10)] public U16Le Eflags;
    [FieldOffset(12)] public Bytes20 Reserved12;

    /// <summary>Port number as ASCII.</summary>
    [FieldOffset(32)] public Bytes32 Trsvcid;
    [FieldOffset(64)] public Bytes192 Reserved64;
    [FieldOffset(256)] public Bytes256 Subnqn;

    /// <summary>Address as ASCII.</summary>
    [FieldOffset(512)] public Bytes256 Traddr;

    /// <summary>Transport specific; byte 0 of TCP is the security type: 0 none, 1 TLS 1.2, 2 TLS 1.3.</summary>
    [FieldOffset(768)] public Bytes256 Tsas;
}

/// <summary>TRTYPE (Base 2.1, 5.1.12.3.1).</summary>
public enum TransportType : byte
{
    NotReported = 0,
    Rdma = 1,
    FibreChannel = 2,
    Tcp = 3,
    IntraHost = 254,

    /// <summary>In the storage state alone (<see cref="TransportQueueState"/>): PCIe, which has no TRTYPE.</summary>
    Pcie = 255,
}

/// <summary>ADRFAM (Base 2.1, 5.1.12.3.1).</summary>
public enum AddressFamily : byte
{
    NotReported = 0,
    Ipv4 = 1,
    Ipv6 = 2,
    InfiniBand = 3,
    FibreChannel = 4,
    IntraHost = 254,
}

/// <summary>SUBTYPE (Base 2.1, 5.1.12.3.1).</summary>
public enum SubsystemType : byte
{
    Referral = 1,
    Nvm = 2,
    CurrentDiscovery = 3,
}
