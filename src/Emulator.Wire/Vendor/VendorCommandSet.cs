namespace Emulator.Wire;

/// <summary>Fixed values of the vendor command set, VM Migration Assist 1.0.</summary>
public static class VendorCommandSet
{
    /// <summary>CDW12 of Set Features D0h: leave the threshold as it is.</summary>
    public const uint KeepThreshold = 0xFFFF_FFFF;

    /// <summary>CDW12 of Set Features D2h: take the binding away.</summary>
    public const uint Unbind = 1u << 31;

    /// <summary>CDW13 of Set Features D3h: the longest time, in milliseconds, for which a write limit holds unless it is set again.</summary>
    public const uint LongestWriteLimit = 60_000;

    /// <summary>CDW12 of Set Features D3h, and dword 0 of Get Features: bytes a second in one unit of the write limit.</summary>
    public const int WriteLimitUnit = 1024;

    /// <summary>The controller that receives the command, as a target.</summary>
    public const ushort TargetSelf = 0;

    /// <summary>Largest target that is a controller identifier.</summary>
    public const ushort LastControllerTarget = 0x7FFF;

    /// <summary>Targets from here name a VM that shares a controller.</summary>
    public const ushort FirstStreamTarget = 0x8000;

    public const ushort LastStreamTarget = 0xFFFE;

    /// <summary>CDW13 of Read Stored Pages: decoded, as a host reads them.</summary>
    public const uint DecodedPages = 1u << 0;

    /// <summary>The least data that Read Stored Pages takes: a page with the longest parity fits into it.</summary>
    public const int LeastStoredPagesBytes = 8192;

    /// <summary>CDW14 of Read Stored Pages: a snapshot, 0 for the namespace as it is.</summary>
    public const uint StoredPagesSnapshot = 0xFFFF;

    /// <summary>
    /// The longest range of log page D5h, base-two logarithm of bytes: the drive does nothing else while it computes one.
    /// </summary>
    public const int LongestChecksumShift = 26;

    /// <summary>Log Specific Parameter of the range lists: take the set and begin a new round.</summary>
    public const byte LspAdvance = 1 << 0;

    /// <summary>Log Specific Parameter of the range lists: put the previous round's set back first.</summary>
    public const byte LspUndo = 1 << 1;

    /// <summary>
    /// UUID of this command set in the UUID List, 6f0a4b7e-93d1-4c58-b2a6-1e8dc07f5a39, in the order of RFC 4122.
    /// </summary>
    public static ReadOnlySpan<byte> Uuid =>
        [0x6F, 0x0A, 0x4B, 0x7E, 0x93, 0xD1, 0x4C, 0x58, 0xB2, 0xA6, 0x1E, 0x8D, 0xC0, 0x7F, 0x5A, 0x39];
}

/// <summary>CDW10 7:0 of the Snapshot command, opcode C4h.</summary>
public enum SnapshotAction : byte
{
    Create = 0,
    Delete = 1,
    Restore = 2,
}

/// <summary>CDW10 7:0 of the Direct Transfer Control command, opcode C8h.</summary>
public enum DirectTransferAction : byte
{
    Pause = 0,
    Resume = 1,
    Cancel = 2,
    Finish = 3,
}
