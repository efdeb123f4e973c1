namespace Emulator.Wire;

/// <summary>Fields of the command dwords that NVM commands share (NVM Command Set 1.2, 3.3).</summary>
public static class NvmCommandFields
{
    /// <summary>CDW12: number of logical blocks, zero-based.</summary>
    public const uint Nlb = 0xFFFF;

    /// <summary>CDW12 of commands that write: directive type.</summary>
    public const int DtypeShift = 20;

    /// <summary>CDW12: directive type.</summary>
    public const uint Dtype = 0xFu << DtypeShift;

    /// <summary>CDW12 of Write Zeroes: namespace zeroes.</summary>
    public const uint Nsz = 1u << 23;

    /// <summary>CDW12: storage tag check.</summary>
    public const uint Stc = 1u << 24;

    /// <summary>CDW12 of Write Zeroes: deallocate.</summary>
    public const uint Deac = 1u << 25;

    /// <summary>CDW12: protection information field, PRACT and PRCHK.</summary>
    public const uint Prinfo = 0xFu << 26;

    /// <summary>CDW12: force unit access.</summary>
    public const uint Fua = 1u << 30;

    /// <summary>CDW12: limited retry.</summary>
    public const uint Lr = 1u << 31;

    /// <summary>CDW13 of Write: directive specific, the stream identifier.</summary>
    public const int DspecShift = 16;

    /// <summary>CDW12 of Copy: number of source ranges, zero-based.</summary>
    public const uint CopyNr = 0xFF;

    /// <summary>CDW12 of Copy: descriptor format, bits 11:8.</summary>
    public const int CopyDescriptorFormatShift = 8;
}
