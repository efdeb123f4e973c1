using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Device Self-test log page (Base 2.1, 5.1.12.1.7, LID 06h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SelfTestLog.Size)]
public struct SelfTestLog
{
    public const int Size = 564;

    /// <summary>Current operation in bits 3:0, see <see cref="SelfTestCode"/>.</summary>
    [FieldOffset(0)] public byte Cdsto;

    /// <summary>Percent complete in bits 6:0.</summary>
    [FieldOffset(1)] public byte Cdstc;
    [FieldOffset(2)] public Bytes2 Reserved2;

    /// <summary>The newest first.</summary>
    [FieldOffset(4)] public SelfTestResults Rds;
}

/// <summary>Self-test Result data structure (Base 2.1, 5.1.12.1.7).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SelfTestResult.Size)]
public struct SelfTestResult
{
    public const int Size = 28;

    /// <summary>Result in bits 3:0 (<see cref="SelfTestOutcome"/>), code of the operation in bits 7:4.</summary>
    [FieldOffset(0)] public byte Dsts;

    /// <summary>Segment that failed first.</summary>
    [FieldOffset(1)] public byte Segn;

    /// <summary>Valid: bit 0 NSID, 1 failing LBA, 2 status code type, 3 status code.</summary>
    [FieldOffset(2)] public byte Vdinfo;
    [FieldOffset(3)] public byte Reserved3;

    /// <summary>Power on hours.</summary>
    [FieldOffset(4)] public U64Le Poh;
    [FieldOffset(12)] public U32Le Nsid;

    /// <summary>Failing LBA.</summary>
    [FieldOffset(16)] public U64Le Flba;

    /// <summary>Status code type in bits 2:0.</summary>
    [FieldOffset(24)] public byte Stct;

    /// <summary>Status code.</summary>
    [FieldOffset(25)] public byte Stc;

    /// <summary>Vendor specific.</summary>
    [FieldOffset(26)] public Bytes2 Vs;
}

/// <summary>The last 20 results.</summary>
[InlineArray(Count)]
public struct SelfTestResults
{
    public const int Count = 20;
    public const int Size = Count * SelfTestResult.Size;

    private SelfTestResult _first;
}

/// <summary>Self-test Code of Device Self-test (Base 2.1, 5.1.5).</summary>
public enum SelfTestCode : byte
{
    None = 0x0,
    Short = 0x1,
    Extended = 0x2,
    HostInitiatedRefresh = 0x3,
    VendorSpecific = 0xE,
    Abort = 0xF,
}

/// <summary>Result of a self-test (Base 2.1, 5.1.12.1.7).</summary>
public enum SelfTestOutcome : byte
{
    Passed = 0x0,
    AbortedByCommand = 0x1,
    AbortedByControllerLevelReset = 0x2,
    AbortedByNamespaceRemoval = 0x3,
    AbortedByFormat = 0x4,
    FatalError = 0x5,
    FailedUnknownSegment = 0x6,
    FailedSegments = 0x7,
    AbortedUnknownReason = 0x8,
    AbortedBySanitize = 0x9,
    NotUsed = 0xF,
}
