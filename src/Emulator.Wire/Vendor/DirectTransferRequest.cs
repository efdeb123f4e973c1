using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Data of Direct Transfer Start, opcode C5h of the vendor command set: where to, what, and how.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DirectTransferRequest.Size)]
public struct DirectTransferRequest
{
    public const int Size = 1024;

    /// <summary>1.</summary>
    [FieldOffset(0)] public U16Le Version;

    /// <summary>1024.</summary>
    [FieldOffset(2)] public U16Le StructureSize;

    /// <summary>See <see cref="DirectTransferMode"/>.</summary>
    [FieldOffset(4)] public byte Mode;

    /// <summary>See <see cref="DirectTransferForm"/>.</summary>
    [FieldOffset(5)] public byte Form;

    /// <summary>See <see cref="TransportType"/>; TCP.</summary>
    [FieldOffset(6)] public byte Trtype;

    /// <summary>See <see cref="AddressFamily"/>; IPv4 or IPv6.</summary>
    [FieldOffset(7)] public byte Adrfam;

    /// <summary>The VM at the destination, as a handle there: 0 for the controller that the connection gets.</summary>
    [FieldOffset(8)] public U16Le TargetThere;

    /// <summary>The snapshot that a delta is against; 0 in every other mode.</summary>
    [FieldOffset(10)] public U16Le Snapshot;

    /// <summary>See <see cref="DirectTransferFlags"/>.</summary>
    [FieldOffset(12)] public U32Le Flags;

    /// <summary>Most bytes a second; 0 for no limit.</summary>
    [FieldOffset(16)] public U64Le BytesPerSecond;

    /// <summary>I/O queues at the destination, 1 to 8; 0 for the default.</summary>
    [FieldOffset(24)] public byte Queues;

    /// <summary>
    /// How much of the drive's time the transfer may take from hosts that keep it busy, in percent, 1 to 100; 0 for the
    /// default.
    /// </summary>
    [FieldOffset(25)] public byte SharePercent;

    /// <summary>Commands outstanding on each queue, 1 to 128; 0 for the default.</summary>
    [FieldOffset(26)] public U16Le Depth;

    /// <summary>Bytes of a command, a power of two from 4096 to 1 MiB; 0 for the default.</summary>
    [FieldOffset(28)] public U32Le CommandBytes;

    /// <summary>No further round begins by itself while fewer bytes are dirty; 0 for the default.</summary>
    [FieldOffset(32)] public U64Le ConvergedBytes;

    /// <summary>For how many seconds a lost connection is tried anew; 0 for the default.</summary>
    [FieldOffset(40)] public U32Le ReconnectSeconds;

    /// <summary>Base-two logarithm of granules per range that is compared; 0 in every other mode.</summary>
    [FieldOffset(44)] public byte ChecksumShift;

    /// <summary>See <see cref="DirectTransferScheme"/>.</summary>
    [FieldOffset(45)] public byte Scheme;

    /// <summary>See <see cref="DirectTransferFallBack"/>; 0 unless the scheme is dirty block tracking.</summary>
    [FieldOffset(46)] public byte FallBack;
    [FieldOffset(47)] public byte Reserved47;

    /// <summary>Host identifier to connect with; 0 for one of the drive's own.</summary>
    [FieldOffset(48)] public Bytes16 Hostid;

    /// <summary>Port number as ASCII, padded with spaces.</summary>
    [FieldOffset(64)] public Bytes32 Trsvcid;

    /// <summary>Address as ASCII, padded with spaces.</summary>
    [FieldOffset(96)] public Bytes256 Traddr;

    /// <summary>UTF-8, ended by a zero.</summary>
    [FieldOffset(352)] public Bytes256 Subnqn;

    /// <summary>UTF-8, ended by a zero; one that the destination takes for a manager of the target there.</summary>
    [FieldOffset(608)] public Bytes256 Hostnqn;

    /// <summary>For a secret of in-band authentication, which this version does not have.</summary>
    [FieldOffset(864)] public Bytes112 Secret;
    [FieldOffset(976)] public Bytes24 Reserved976;

    /// <summary>Asynchronous mirroring: a write waits while more than so many are pending; 0 for the default.</summary>
    [FieldOffset(1000)] public U32Le PendingThreshold;

    /// <summary>Asynchronous mirroring: microseconds for which it waits before it looks again; 0 for the default.</summary>
    [FieldOffset(1004)] public U32Le PendingDelay;

    /// <summary>Dirty block tracking: rounds after the first pass before the fall-back; 0 for the default.</summary>
    [FieldOffset(1008)] public U16Le MostRounds;

    /// <summary>Dirty block tracking: rounds in a row with as much dirty that end it; 0 for the default.</summary>
    [FieldOffset(1010)] public byte StableRounds;

    /// <summary>By how many percent what is dirty may differ and be as much; 0 for the default.</summary>
    [FieldOffset(1011)] public byte StablePercent;
    [FieldOffset(1012)] public Bytes12 Reserved1012;
}

/// <summary>What a direct transfer begins with.</summary>
public enum DirectTransferMode : byte
{
    /// <summary>Everything in the VM's namespaces.</summary>
    WholeCapacity = 0,

    /// <summary>What the VM wrote in its life; the rest of the destination is as it should be.</summary>
    WrittenRanges = 1,

    /// <summary>What changed since a snapshot, which the destination holds.</summary>
    SnapshotDelta = 2,

    /// <summary>What the destination, by its checksums, does not hold.</summary>
    Checksums = 3,

    /// <summary>What is dirty in this round: to go on where a transfer ended.</summary>
    DirtyRanges = 4,
}

/// <summary>What becomes of the requests of the VM while it is moved (specs/schemes.md).</summary>
public enum DirectTransferScheme : byte
{
    /// <summary>They go to the source, and rounds of dirty tracking follow.</summary>
    None = 0,
    DirtyBlockTracking = 1,
    Mirroring = 2,
    LowRedundancy = 3,
    SourceLowRedundancy = 4,
    AsynchronousMirroring = 5,
}

/// <summary>What is done when the rounds of dirty block tracking do not converge.</summary>
public enum DirectTransferFallBack : byte
{
    /// <summary>The transfer has converged all the same.</summary>
    Pause = 0,

    /// <summary>Writes go to both drives from then on.</summary>
    Mirror = 1,

    /// <summary>The transfer fails.</summary>
    GiveUp = 2,
}

/// <summary>In what form data is sent.</summary>
public enum DirectTransferForm : byte
{
    /// <summary>As a host reads it.</summary>
    Decoded = 0,

    /// <summary>As the medium has it, compressed and encrypted.</summary>
    Stored = 1,
}

/// <summary>Flags of <see cref="DirectTransferRequest"/>.</summary>
[Flags]
public enum DirectTransferFlags : uint
{
    None = 0,

    /// <summary>Makes the target there an active destination, if it is idle, each time that a connection is made.</summary>
    Activate = 1u << 0,

    /// <summary>The data alone, without the storage state.</summary>
    NoState = 1u << 1,

    /// <summary>Warm the cache there when the migration completes: WARM_CACHE of feature D1h.</summary>
    WarmCache = 1u << 2,

    Mask = Activate | NoState | WarmCache,
}
