using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Data of Reservation Register (Base 2.1, 7.6).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationRegisterData.Size)]
public struct ReservationRegisterData
{
    public const int Size = 16;

    /// <summary>Current reservation key.</summary>
    [FieldOffset(0)] public U64Le Crkey;

    /// <summary>New reservation key.</summary>
    [FieldOffset(8)] public U64Le Nrkey;
}

/// <summary>Data of Reservation Acquire (Base 2.1, 7.5).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationAcquireData.Size)]
public struct ReservationAcquireData
{
    public const int Size = 16;

    /// <summary>Current reservation key.</summary>
    [FieldOffset(0)] public U64Le Crkey;

    /// <summary>Preempt reservation key.</summary>
    [FieldOffset(8)] public U64Le Prkey;
}

/// <summary>Data of Reservation Release (Base 2.1, 7.7).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationReleaseData.Size)]
public struct ReservationReleaseData
{
    public const int Size = 8;

    /// <summary>Current reservation key.</summary>
    [FieldOffset(0)] public U64Le Crkey;
}

/// <summary>RTYPE (Base 2.1, 7.5).</summary>
public enum ReservationType : byte
{
    None = 0,
    WriteExclusive = 1,
    ExclusiveAccess = 2,
    WriteExclusiveRegistrantsOnly = 3,
    ExclusiveAccessRegistrantsOnly = 4,
    WriteExclusiveAllRegistrants = 5,
    ExclusiveAccessAllRegistrants = 6,
}

/// <summary>RREGA of Reservation Register (Base 2.1, 7.6).</summary>
public enum ReservationRegisterAction : byte
{
    Register = 0,
    Unregister = 1,
    Replace = 2,
}

/// <summary>RACQA of Reservation Acquire (Base 2.1, 7.5).</summary>
public enum ReservationAcquireAction : byte
{
    Acquire = 0,
    Preempt = 1,
    PreemptAndAbort = 2,
}

/// <summary>RRELA of Reservation Release (Base 2.1, 7.7).</summary>
public enum ReservationReleaseAction : byte
{
    Release = 0,
    Clear = 1,
}

/// <summary>CPTPL of Reservation Register (Base 2.1, 7.6).</summary>
public enum PersistThroughPowerLossChange : byte
{
    NoChange = 0,
    Reserved = 1,
    Clear = 2,
    Set = 3,
}
