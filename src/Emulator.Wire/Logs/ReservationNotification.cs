using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Reservation Notification log page (Base 2.1, 5.1.12.1.32, LID 80h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ReservationNotification.Size)]
public struct ReservationNotification
{
    public const int Size = 64;

    /// <summary>Log page count, never 0 for a page that holds an event.</summary>
    [FieldOffset(0)] public U64Le Lpc;
    [FieldOffset(8)] public ReservationNotificationType Rnlpt;

    /// <summary>Number of further log pages, 255 for 255 or more.</summary>
    [FieldOffset(9)] public byte Nalp;
    [FieldOffset(10)] public Bytes2 Reserved10;
    [FieldOffset(12)] public U32Le Nsid;
    [FieldOffset(16)] public Bytes48 Reserved16;
}

/// <summary>RNLPT (Base 2.1, 5.1.12.1.32).</summary>
public enum ReservationNotificationType : byte
{
    Empty = 0,
    RegistrationPreempted = 1,
    ReservationReleased = 2,
    ReservationPreempted = 3,
}
