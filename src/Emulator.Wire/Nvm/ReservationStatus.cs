using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Reservation Status data structure of hosts with 64-bit identifiers (Base 2.1, 7.8); the registrants follow.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationStatus.Size)]
public struct ReservationStatus
{
    public const int Size = 24;

    /// <summary>Generation.</summary>
    [FieldOffset(0)] public U32Le Gen;
    [FieldOffset(4)] public ReservationType Rtype;

    /// <summary>Number of registrants.</summary>
    [FieldOffset(5)] public U16Le Regstrnt;
    [FieldOffset(7)] public Bytes2 Reserved7;

    /// <summary>Persist through power loss state.</summary>
    [FieldOffset(9)] public byte Ptpls;
    [FieldOffset(10)] public Bytes14 Reserved10;
}

/// <summary>Registrant data structure (Base 2.1, 7.8).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = RegisteredController.Size)]
public struct RegisteredController
{
    public const int Size = 24;

    /// <summary>FFFFh for a registrant without a controller of the dynamic model.</summary>
    [FieldOffset(0)] public U16Le Cntlid;

    /// <summary>Bit 0: holds the reservation.</summary>
    [FieldOffset(2)] public byte Rcsts;
    [FieldOffset(3)] public Bytes5 Reserved3;
    [FieldOffset(8)] public U64Le Hostid;

    /// <summary>Reservation key.</summary>
    [FieldOffset(16)] public U64Le Rkey;
}

/// <summary>
/// Reservation Status Extended data structure of hosts with 128-bit identifiers (Base 2.1, 7.8); the registrants
/// follow.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationStatusExtended.Size)]
public struct ReservationStatusExtended
{
    public const int Size = 64;

    /// <summary>Generation.</summary>
    [FieldOffset(0)] public U32Le Gen;
    [FieldOffset(4)] public ReservationType Rtype;

    /// <summary>Number of registrants.</summary>
    [FieldOffset(5)] public U16Le Regstrnt;
    [FieldOffset(7)] public Bytes2 Reserved7;

    /// <summary>Persist through power loss state.</summary>
    [FieldOffset(9)] public byte Ptpls;
    [FieldOffset(10)] public Bytes54 Reserved10;
}

/// <summary>Registrant Extended data structure (Base 2.1, 7.8).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = RegisteredControllerExtended.Size)]
public struct RegisteredControllerExtended
{
    public const int Size = 64;

    /// <summary>FFFFh for a registrant without a controller of the dynamic model.</summary>
    [FieldOffset(0)] public U16Le Cntlid;

    /// <summary>Bit 0: holds the reservation.</summary>
    [FieldOffset(2)] public byte Rcsts;
    [FieldOffset(3)] public Bytes5 Reserved3;

    /// <summary>Reservation key.</summary>
    [FieldOffset(8)] public U64Le Rkey;
    [FieldOffset(16)] public Bytes16 Hostid;
    [FieldOffset(32)] public Bytes32 Reserved32;
}
