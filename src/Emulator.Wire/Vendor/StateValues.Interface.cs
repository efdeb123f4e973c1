using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>How a controller can be connected to: value of <see cref="TransportAttribute.Limits"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = TransportLimits.Size)]
public struct TransportLimits
{
    public const int Size = 32;

    /// <summary>KATO as it is in force, in milliseconds, 0 for no timer.</summary>
    [FieldOffset(0)] public U32Le KeepAliveMilliseconds;

    /// <summary>Queues that the host was granted, 0 if it did not ask.</summary>
    [FieldOffset(4)] public U16Le GrantedIoQueues;
    [FieldOffset(6)] public U16Le MaxIoQueues;
    [FieldOffset(8)] public U32Le MaxQueueEntries;
    [FieldOffset(12)] public U32Le InCapsuleBytes;
    [FieldOffset(16)] public U32Le MaxTransferBytes;
    [FieldOffset(20)] public Bytes12 Reserved20;
}

/// <summary>A queue as its transport connected it: value of <see cref="TransportAttribute.Queue"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = TransportQueueState.Size)]
public struct TransportQueueState
{
    public const int Size = 32;

    [FieldOffset(0)] public U16Le QueueId;

    /// <summary>A plain count.</summary>
    [FieldOffset(2)] public U16Le Entries;

    /// <summary>TRTYPE (Base 2.1, Discovery log page): 3 for TCP, 255 for PCIe, 0 if it is not known.</summary>
    [FieldOffset(4)] public byte TransportType;

    /// <summary>Bit 0 header digest, 1 data digest, 2 submission queue flow control.</summary>
    [FieldOffset(5)] public byte Flags;

    /// <summary>Alignment of data in PDUs that the host and the controller ask for, in dwords, 0's based.</summary>
    [FieldOffset(6)] public byte HostAlignment;
    [FieldOffset(7)] public byte ControllerAlignment;

    /// <summary>Most data of an H2CData PDU.</summary>
    [FieldOffset(8)] public U32Le MaxHostData;
    [FieldOffset(12)] public U32Le Reserved12;
    [FieldOffset(16)] public Bytes16 Reserved16;

    public const byte HeaderDigest = 1 << 0;
    public const byte DataDigest = 1 << 1;
    public const byte FlowControl = 1 << 2;
}

/// <summary>Registers of a controller: value of <see cref="InterfaceAttribute.Registers"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ControllerRegisters.Size)]
public struct ControllerRegisters
{
    public const int Size = 64;

    [FieldOffset(0)] public U64Le Cap;
    [FieldOffset(8)] public U32Le Vs;
    [FieldOffset(12)] public U32Le Cc;
    [FieldOffset(16)] public U32Le Csts;
    [FieldOffset(20)] public U16Le Cntlid;
    [FieldOffset(22)] public Bytes2 Reserved22;

    /// <summary>As in the data of Connect.</summary>
    [FieldOffset(24)] public Bytes16 HostId;
    [FieldOffset(40)] public Bytes24 Reserved40;
}

/// <summary>Value of a feature of one dword: value of <see cref="InterfaceAttribute.Feature"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FeatureValue.Size)]
public struct FeatureValue
{
    public const int Size = 16;

    [FieldOffset(0)] public U32Le Current;

    /// <summary>Means something with <see cref="IsSaved"/>.</summary>
    [FieldOffset(4)] public U32Le Saved;

    /// <summary>Bit 0: a value was saved.</summary>
    [FieldOffset(8)] public U32Le Flags;
    [FieldOffset(12)] public U32Le Reserved12;

    public const uint IsSaved = 1;
}

/// <summary>A namespace that is attached: value of <see cref="InterfaceAttribute.Namespace"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = NamespaceState.Size)]
public struct NamespaceState
{
    public const int Size = 64;

    [FieldOffset(0)] public U32Le Nsid;

    /// <summary>Base-two logarithm of the bytes of a block.</summary>
    [FieldOffset(4)] public byte BlockShift;

    /// <summary>Bit 0: it may be shared (NMIC bit 0).</summary>
    [FieldOffset(5)] public byte Flags;
    [FieldOffset(6)] public Bytes2 Reserved6;
    [FieldOffset(8)] public U64Le Blocks;
    [FieldOffset(16)] public Bytes16 Nguid;
    [FieldOffset(32)] public Bytes16 Uuid;
    [FieldOffset(48)] public Bytes8 Eui64;
    [FieldOffset(56)] public Bytes8 Reserved56;
}

/// <summary>
/// The reservation of a namespace: value of <see cref="InterfaceAttribute.Reservation"/>, with a
/// <see cref="ReservationRegistrant"/> for each registrant behind it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationState.Size)]
public struct ReservationState
{
    public const int Size = 32;

    /// <summary>GEN.</summary>
    [FieldOffset(0)] public U32Le Generation;

    /// <summary>RTYPE, 0 for none.</summary>
    [FieldOffset(4)] public byte Type;

    /// <summary>Bit 0: it persists through a loss of power.</summary>
    [FieldOffset(5)] public byte Flags;
    [FieldOffset(6)] public U16Le Registrants;
    [FieldOffset(8)] public Bytes8 Reserved8;

    /// <summary>Host identifier of the holder, zero without one.</summary>
    [FieldOffset(16)] public Bytes16 Holder;
}

/// <summary>A host that registered a key.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationRegistrant.Size)]
public struct ReservationRegistrant
{
    public const int Size = 24;

    [FieldOffset(0)] public Bytes16 HostId;
    [FieldOffset(16)] public U64Le Key;
}

/// <summary>
/// The Streams directive of the VM's host in a namespace: value of <see cref="InterfaceAttribute.Streams"/>, with the
/// identifiers of open streams, 2 bytes each, behind it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StreamsState.Size)]
public struct StreamsState
{
    public const int Size = 8;

    /// <summary>Bit 0: the directive is enabled.</summary>
    [FieldOffset(0)] public U16Le Flags;

    /// <summary>NSA: streams for the exclusive use of the host.</summary>
    [FieldOffset(2)] public U16Le Allocated;

    /// <summary>Identifiers that follow.</summary>
    [FieldOffset(4)] public U16Le Open;
    [FieldOffset(6)] public Bytes2 Reserved6;
}

/// <summary>
/// What the SMART / Health Information page counts of hosts, as the VM sees it: value of
/// <see cref="InterfaceAttribute.HealthCounters"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = HealthCounters.Size)]
public struct HealthCounters
{
    public const int Size = 64;

    [FieldOffset(0)] public U64Le BytesRead;
    [FieldOffset(8)] public U64Le BytesWritten;
    [FieldOffset(16)] public U64Le ReadCommands;
    [FieldOffset(24)] public U64Le WriteCommands;
    [FieldOffset(32)] public U64Le MediaErrors;
    [FieldOffset(40)] public U64Le ErrorLogEntries;
    [FieldOffset(48)] public Bytes16 Reserved48;
}
