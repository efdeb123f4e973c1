namespace Emulator.Wire;

/// <summary>RESCAP of a namespace (Base 2.1, 5.1.13.2.8).</summary>
[Flags]
public enum ReservationCapabilities : byte
{
    None = 0,
    PersistThroughPowerLoss = 1 << 0,
    WriteExclusive = 1 << 1,
    ExclusiveAccess = 1 << 2,
    WriteExclusiveRegistrantsOnly = 1 << 3,
    ExclusiveAccessRegistrantsOnly = 1 << 4,
    WriteExclusiveAllRegistrants = 1 << 5,
    ExclusiveAccessAllRegistrants = 1 << 6,

    /// <summary>Ignore Existing Key has the meaning of NVMe 1.3 and later.</summary>
    IgnoreExistingKey13 = 1 << 7,
}
