using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The fields of Get Log Page (Base 2.1, 5.1.12).</summary>
internal readonly struct LogPageRequest(in SubmissionEntry entry)
{
    private readonly uint _cdw10 = entry.Cdw10;
    private readonly uint _cdw11 = entry.Cdw11;
    private readonly uint _cdw14 = entry.Cdw14;

    public uint Nsid { get; } = entry.Nsid;

    public LogPageId LogPage => (LogPageId)(byte)_cdw10;

    /// <summary>LSP, 7 bits.</summary>
    public byte Specific => (byte)(_cdw10 >> 8 & 0x7F);

    /// <summary>RAE: leave the events that name this page as they are.</summary>
    public bool RetainsEvents => (_cdw10 & 1u << 15) != 0;

    /// <summary>NUMD, 1-based, in bytes.</summary>
    public ulong Length => ((_cdw10 >> 16 | (ulong)(_cdw11 & 0xFFFF) << 16) + 1) * 4;

    /// <summary>LSI.</summary>
    public ushort SpecificIdentifier => (ushort)(_cdw11 >> 16);

    /// <summary>LPO in bytes.</summary>
    public ulong Offset { get; } = entry.Cdw12And13;

    /// <summary>OT: the offset is an index, which no page here takes.</summary>
    public bool IsIndexed => (_cdw14 & 1u << 23) != 0;

    public uint UuidIndex => _cdw14 & 0x7F;

    public bool HasReservedBits => (_cdw14 & 0x007F_FF80) != 0;
}
