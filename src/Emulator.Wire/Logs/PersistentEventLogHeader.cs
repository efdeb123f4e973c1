using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Persistent Event Log Header (Base 2.1, 5.1.12.1.14, LID 0Dh).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PersistentEventLogHeader.Size)]
public struct PersistentEventLogHeader
{
    public const int Size = 512;

    /// <summary>0Dh.</summary>
    [FieldOffset(0)] public byte Lid;
    [FieldOffset(1)] public Bytes3 Reserved1;

    /// <summary>Total number of events.</summary>
    [FieldOffset(4)] public U32Le Tnev;

    /// <summary>Total log length in bytes with this header.</summary>
    [FieldOffset(8)] public U64Le Tll;

    /// <summary>Log revision, 3 for Base 2.1.</summary>
    [FieldOffset(16)] public byte Lrev;
    [FieldOffset(17)] public byte Reserved17;

    /// <summary>Bytes of this header that follow this field.</summary>
    [FieldOffset(18)] public U16Le Lhl;
    [FieldOffset(20)] public Timestamp Tstmp;

    /// <summary>Power on hours.</summary>
    [FieldOffset(28)] public U128Le Poh;

    /// <summary>Power cycle count.</summary>
    [FieldOffset(44)] public U64Le Pwrcc;
    [FieldOffset(52)] public U16Le Vid;
    [FieldOffset(54)] public U16Le Ssvid;
    [FieldOffset(56)] public Bytes20 Sn;
    [FieldOffset(76)] public Bytes40 Mn;
    [FieldOffset(116)] public Bytes256 Subnqn;

    /// <summary>Generation number.</summary>
    [FieldOffset(372)] public U16Le Gnum;

    /// <summary>Reporting context information.</summary>
    [FieldOffset(374)] public U32Le Rci;
    [FieldOffset(378)] public Bytes102 Reserved378;

    /// <summary>Supported events, one bit for each event type.</summary>
    [FieldOffset(480)] public Bytes32 Seb;
}
