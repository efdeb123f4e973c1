using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// SMART / Health Information log page (Base 2.1, 5.1.12.1.3, LID 02h). Temperatures are in kelvins.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SmartHealth.Size)]
public struct SmartHealth
{
    public const int Size = 512;

    [FieldOffset(0)] public CriticalWarnings Cw;

    /// <summary>Composite temperature.</summary>
    [FieldOffset(1)] public U16Le Ctemp;

    /// <summary>Available spare in percent.</summary>
    [FieldOffset(3)] public byte Avsp;

    /// <summary>Available spare threshold in percent.</summary>
    [FieldOffset(4)] public byte Avspt;

    /// <summary>Percentage of the life used; may exceed 100.</summary>
    [FieldOffset(5)] public byte Pused;

    /// <summary>Endurance group critical warning summary.</summary>
    [FieldOffset(6)] public byte Egcws;
    [FieldOffset(7)] public Bytes25 Reserved7;

    /// <summary>Data units read: thousands of 512-byte units, rounded up.</summary>
    [FieldOffset(32)] public U128Le Dur;

    /// <summary>Data units written: thousands of 512-byte units, rounded up.</summary>
    [FieldOffset(48)] public U128Le Duw;

    /// <summary>Host read commands.</summary>
    [FieldOffset(64)] public U128Le Hrc;

    /// <summary>Host write commands.</summary>
    [FieldOffset(80)] public U128Le Hwc;

    /// <summary>Controller busy time in minutes.</summary>
    [FieldOffset(96)] public U128Le Cbt;

    /// <summary>Power cycles.</summary>
    [FieldOffset(112)] public U128Le Pwrc;

    /// <summary>Power on hours.</summary>
    [FieldOffset(128)] public U128Le Poh;

    /// <summary>Unexpected power losses.</summary>
    [FieldOffset(144)] public U128Le Upl;

    /// <summary>Media and data integrity errors.</summary>
    [FieldOffset(160)] public U128Le Mdie;

    /// <summary>Entries of the error information log over the life of the controller.</summary>
    [FieldOffset(176)] public U128Le Neile;

    /// <summary>Warning composite temperature time in minutes.</summary>
    [FieldOffset(192)] public U32Le Wctt;

    /// <summary>Critical composite temperature time in minutes.</summary>
    [FieldOffset(196)] public U32Le Cctt;

    /// <summary>0 for a sensor that is not there.</summary>
    [FieldOffset(200)] public TemperatureSensors Tsen;

    /// <summary>Thermal management temperature 1 transition count.</summary>
    [FieldOffset(216)] public U32Le Tmt1tc;

    /// <summary>Thermal management temperature 2 transition count.</summary>
    [FieldOffset(220)] public U32Le Tmt2tc;

    /// <summary>Total time for thermal management temperature 1 in seconds.</summary>
    [FieldOffset(224)] public U32Le Tttmt1;

    /// <summary>Total time for thermal management temperature 2 in seconds.</summary>
    [FieldOffset(228)] public U32Le Tttmt2;
    [FieldOffset(232)] public Bytes280 Reserved232;
}

/// <summary>Temperature Sensor 1 to 8.</summary>
[InlineArray(Count)]
public struct TemperatureSensors
{
    public const int Count = 8;
    public const int Size = Count * U16Le.Size;

    private U16Le _first;
}

/// <summary>Critical Warning (Base 2.1, 5.1.12.1.3).</summary>
[Flags]
public enum CriticalWarnings : byte
{
    None = 0,
    SpareBelowThreshold = 1 << 0,
    TemperatureThreshold = 1 << 1,
    ReliabilityDegraded = 1 << 2,
    ReadOnly = 1 << 3,
    VolatileMemoryBackupFailed = 1 << 4,
    PersistentMemoryRegionReadOnly = 1 << 5,
}
