using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Power State Descriptor (Base 2.1, 5.1.13.2.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PowerStateDescriptor.Size)]
public struct PowerStateDescriptor
{
    public const int Size = 32;

    /// <summary>Maximum power, in 0.01 W or, with MXPS, in 0.0001 W.</summary>
    [FieldOffset(0)] public U16Le Mp;
    [FieldOffset(2)] public byte Reserved2;

    /// <summary>Bit 0 MXPS, bit 1 NOPS (non-operational).</summary>
    [FieldOffset(3)] public byte Flags;

    /// <summary>Entry latency in microseconds.</summary>
    [FieldOffset(4)] public U32Le Enlat;

    /// <summary>Exit latency in microseconds.</summary>
    [FieldOffset(8)] public U32Le Exlat;

    /// <summary>Relative read throughput.</summary>
    [FieldOffset(12)] public byte Rrt;

    /// <summary>Relative read latency.</summary>
    [FieldOffset(13)] public byte Rrl;

    /// <summary>Relative write throughput.</summary>
    [FieldOffset(14)] public byte Rwt;

    /// <summary>Relative write latency.</summary>
    [FieldOffset(15)] public byte Rwl;

    /// <summary>Idle power.</summary>
    [FieldOffset(16)] public U16Le Idlp;

    /// <summary>Idle power scale in bits 7:6.</summary>
    [FieldOffset(18)] public byte Ips;
    [FieldOffset(19)] public byte Reserved19;

    /// <summary>Active power.</summary>
    [FieldOffset(20)] public U16Le Actp;

    /// <summary>Active power workload in bits 2:0, active power scale in bits 7:6.</summary>
    [FieldOffset(22)] public byte Apws;

    /// <summary>Emergency power fail recovery time.</summary>
    [FieldOffset(23)] public byte Epfrt;

    /// <summary>Forced quiescence vault time.</summary>
    [FieldOffset(24)] public byte Fqvt;

    /// <summary>Emergency power fail vault time.</summary>
    [FieldOffset(25)] public byte Epfvt;

    /// <summary>Scales of the recovery time (bits 3:0) and the quiescence vault time (bits 7:4).</summary>
    [FieldOffset(26)] public byte Epfrfqvts;

    /// <summary>Scale of the emergency power fail vault time in bits 3:0.</summary>
    [FieldOffset(27)] public byte Epfvts;
    [FieldOffset(28)] public Bytes4 Reserved28;
}

/// <summary>The power states of a controller, 0 to 31.</summary>
[InlineArray(Count)]
public struct PowerStateDescriptors
{
    public const int Count = 32;
    public const int Size = Count * PowerStateDescriptor.Size;

    private PowerStateDescriptor _first;
}
