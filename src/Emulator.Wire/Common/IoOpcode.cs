namespace Emulator.Wire;

/// <summary>I/O command opcodes (Base 2.1, 7; NVM Command Set 1.2, 3.3).</summary>
public enum IoOpcode : byte
{
    Flush = 0x00,
    Write = 0x01,
    Read = 0x02,
    WriteUncorrectable = 0x04,
    Compare = 0x05,
    WriteZeroes = 0x08,
    DatasetManagement = 0x09,
    Verify = 0x0C,
    ReservationRegister = 0x0D,
    ReservationReport = 0x0E,
    ReservationAcquire = 0x11,
    IoManagementReceive = 0x12,
    ReservationRelease = 0x15,
    Cancel = 0x18,
    Copy = 0x19,
    IoManagementSend = 0x1D,
    Fabrics = 0x7F,

    /// <summary>Of the vendor command set.</summary>
    WriteStoredPages = 0xC9,
}
