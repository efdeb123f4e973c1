using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Sanitize Status log page (Base 2.1, 5.1.12.1.33, LID 81h). Estimates are in seconds, FFFFFFFFh for unknown.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SanitizeStatus.Size)]
public struct SanitizeStatus
{
    public const int Size = 512;

    /// <summary>Progress in 65536ths, FFFFh when none is in progress.</summary>
    [FieldOffset(0)] public U16Le Sprog;

    /// <summary>
    /// State in bits 2:0 (<see cref="SanitizeState"/>), overwrite passes in 7:3, bit 8 global data erased, 9 media
    /// verification canceled.
    /// </summary>
    [FieldOffset(2)] public U16Le Sstat;

    /// <summary>Dword 10 of the Sanitize command.</summary>
    [FieldOffset(4)] public U32Le Scdw10;

    /// <summary>Estimate for Overwrite.</summary>
    [FieldOffset(8)] public U32Le Eto;

    /// <summary>Estimate for Block Erase.</summary>
    [FieldOffset(12)] public U32Le Etbe;

    /// <summary>Estimate for Crypto Erase.</summary>
    [FieldOffset(16)] public U32Le Etce;

    /// <summary>Estimate for Overwrite with No-Deallocate.</summary>
    [FieldOffset(20)] public U32Le Etodmm;

    /// <summary>Estimate for Block Erase with No-Deallocate.</summary>
    [FieldOffset(24)] public U32Le Etbenmm;

    /// <summary>Estimate for Crypto Erase with No-Deallocate.</summary>
    [FieldOffset(28)] public U32Le Etcenmm;

    /// <summary>Estimate for post-verification deallocation.</summary>
    [FieldOffset(32)] public U32Le Etpvds;

    /// <summary>Sanitize state information.</summary>
    [FieldOffset(36)] public byte Ssi;
    [FieldOffset(37)] public Bytes475 Reserved37;

    /// <summary>Bit of <see cref="Sstat"/>: nothing was written since the last successful sanitize.</summary>
    public const ushort GlobalDataErased = 1 << 8;

    /// <summary>An estimate that is not reported.</summary>
    public const uint NoEstimate = 0xFFFF_FFFF;
}

/// <summary>Sanitize operation status (Base 2.1, 5.1.12.1.33).</summary>
public enum SanitizeState : byte
{
    NeverSanitized = 0,
    Completed = 1,
    InProgress = 2,
    Failed = 3,
    CompletedWithUnexpectedDeallocation = 4,
}

/// <summary>Sanitize Action (Base 2.1, 5.1.22).</summary>
public enum SanitizeAction : byte
{
    ExitFailureMode = 1,
    BlockErase = 2,
    Overwrite = 3,
    CryptoErase = 4,
    ExitMediaVerification = 5,
}
