using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Direct Transfer Progress, log page D8h of the vendor command set. From byte 256 on, which version 1.1 has added, it is
/// about the scheme; bytes there are bytes of blocks.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DirectTransferProgress.Size)]
public struct DirectTransferProgress
{
    public const int Size = 512;

    /// <summary>1.</summary>
    [FieldOffset(0)] public U16Le Version;
    [FieldOffset(2)] public U16Le Target;

    /// <summary>See <see cref="DirectTransferPhase"/>.</summary>
    [FieldOffset(4)] public byte Phase;

    /// <summary>See <see cref="DirectTransferMode"/>.</summary>
    [FieldOffset(5)] public byte Mode;

    /// <summary>See <see cref="DirectTransferForm"/>.</summary>
    [FieldOffset(6)] public byte Form;

    /// <summary>See <see cref="DirectTransferState"/>.</summary>
    [FieldOffset(7)] public byte State;

    /// <summary>Why it failed or lost its connection last, see <see cref="DirectTransferReason"/>.</summary>
    [FieldOffset(8)] public U16Le Reason;

    /// <summary>Status Type and Status Code of the command that the destination refused; 0 for none.</summary>
    [FieldOffset(10)] public U16Le PeerStatus;

    /// <summary>Connections that were lost.</summary>
    [FieldOffset(12)] public U32Le ConnectionsLost;

    /// <summary>1 for the first pass, from 2 on for what changed meanwhile.</summary>
    [FieldOffset(16)] public U64Le Round;

    /// <summary>Bytes of this round that the destination has acknowledged.</summary>
    [FieldOffset(24)] public U64Le BytesDone;

    /// <summary>Bytes of this round that it has not.</summary>
    [FieldOffset(32)] public U64Le BytesToDo;

    /// <summary>Bytes that have changed and wait for the next round.</summary>
    [FieldOffset(40)] public U64Le BytesDirty;

    /// <summary>Of late, without pauses.</summary>
    [FieldOffset(48)] public U64Le BytesPerSecond;

    /// <summary>Bytes of data written at the destination, in all rounds and repetitions.</summary>
    [FieldOffset(56)] public U64Le BytesSent;

    /// <summary>Bytes that read as zero and were deallocated at the destination.</summary>
    [FieldOffset(64)] public U64Le BytesZeroed;

    /// <summary>Bytes that were sent again since a lost connection left open what had become of them.</summary>
    [FieldOffset(72)] public U64Le BytesRepeated;

    /// <summary>Bytes that the destination held already.</summary>
    [FieldOffset(80)] public U64Le BytesEqual;

    /// <summary>Bytes of storage state that the destination has applied.</summary>
    [FieldOffset(88)] public U64Le StateBytes;

    /// <summary>Commands that the destination completed.</summary>
    [FieldOffset(96)] public U64Le Commands;

    /// <summary>Blocks that cannot be read here, which cannot be read there either.</summary>
    [FieldOffset(104)] public U64Le BlocksUnreadable;

    /// <summary>Bytes that the first pass had to look at.</summary>
    [FieldOffset(112)] public U64Le FirstPassBytes;

    /// <summary>Since the start, to the end if there was one.</summary>
    [FieldOffset(120)] public U64Le Microseconds;

    /// <summary>Until the first pass was complete; 0 before.</summary>
    [FieldOffset(128)] public U64Le FirstPassMicroseconds;

    /// <summary>How long what is to do and dirty would take at the present rate.</summary>
    [FieldOffset(136)] public U64Le BlackoutMicroseconds;

    /// <summary>Time for which the transfer stood back for commands of hosts.</summary>
    [FieldOffset(144)] public U64Le YieldedMicroseconds;

    /// <summary>CNTLID of the connection at the destination; FFFFh without one.</summary>
    [FieldOffset(152)] public U16Le ControllerThere;

    /// <summary>See <see cref="DirectTransferScheme"/>.</summary>
    [FieldOffset(154)] public byte Scheme;

    /// <summary>Share of the drive's work that the transfer may be now, in percent; from version 1.2 on, else 0.</summary>
    [FieldOffset(155)] public byte SharePercent;
    [FieldOffset(156)] public Bytes4 Reserved156;

    /// <summary>What there is to say about <see cref="Reason"/>, in ASCII, padded with spaces.</summary>
    [FieldOffset(160)] public Bytes96 Text;

    /// <summary>Requests of hosts that the scheme completed.</summary>
    [FieldOffset(256)] public U64Le Requests;

    /// <summary>What hosts wrote.</summary>
    [FieldOffset(264)] public U64Le BytesWritten;

    /// <summary>What of it was in the region that was copied already.</summary>
    [FieldOffset(272)] public U64Le BytesWrittenToCopied;

    /// <summary>What of it went to the source.</summary>
    [FieldOffset(280)] public U64Le BytesToSource;

    /// <summary>What of it went to the destination.</summary>
    [FieldOffset(288)] public U64Le BytesToDestination;

    /// <summary>What hosts read at the destination.</summary>
    [FieldOffset(296)] public U64Le BytesReadAtDestination;

    /// <summary>What the first pass copied.</summary>
    [FieldOffset(304)] public U64Le BytesCopied;

    /// <summary>What it left out, since the VM had written it to the destination.</summary>
    [FieldOffset(312)] public U64Le BytesSkipped;

    /// <summary>What later passes copied.</summary>
    [FieldOffset(320)] public U64Le BytesMerged;

    /// <summary>Requests that waited for blocks that were being copied, or for an earlier request of the same blocks.</summary>
    [FieldOffset(328)] public U64Le RequestsDeferred;

    /// <summary>Times that a write waited since too many were pending.</summary>
    [FieldOffset(336)] public U64Le Delays;

    /// <summary>The most writes that were pending.</summary>
    [FieldOffset(344)] public U64Le MostPending;

    /// <summary>Bytes of the log of updates.</summary>
    [FieldOffset(352)] public U64Le LogBytes;

    /// <summary>What was written to the source from the log.</summary>
    [FieldOffset(360)] public U64Le BytesRestored;

    /// <summary>Commands of the VM from the start of the migration to that of the scheme.</summary>
    [FieldOffset(368)] public U64Le RequestsBefore;

    /// <summary>Time from the start of the migration to that of the scheme.</summary>
    [FieldOffset(376)] public U64Le MicrosecondsBefore;

    /// <summary>Time from the start of the scheme to its end, or so far.</summary>
    [FieldOffset(384)] public U64Le SchemeMicroseconds;

    /// <summary>The most that was copied in a window of 200 ms, as a rate.</summary>
    [FieldOffset(392)] public U64Le BestCopyBytesPerSecond;

    /// <summary>Equation 1, in millionths: the share of the VM's best performance that it did not get; FFFFFFFFh while that is not known.</summary>
    [FieldOffset(400)] public U32Le Penalty;

    /// <summary>Equation 2, in millionths: how many times as long it takes as a copy without a VM would; FFFFFFFFh while that is not known.</summary>
    [FieldOffset(404)] public U32Le TimeFactor;

    /// <summary>Equation 3, in millionths: bytes written to solid-state drives for each that the VM wrote; FFFFFFFFh while it wrote none.</summary>
    [FieldOffset(408)] public U32Le WearOut;
    [FieldOffset(412)] public Bytes100 Reserved412;
}

/// <summary>Where a direct transfer stands.</summary>
public enum DirectTransferPhase : byte
{
    /// <summary>There was none.</summary>
    None = 0,
    Connecting = 1,

    /// <summary>Checksums are being compared.</summary>
    Comparing = 2,

    /// <summary>The first pass.</summary>
    Copying = 3,

    /// <summary>Rounds of what changed meanwhile.</summary>
    CatchingUp = 4,

    /// <summary>Little is dirty; the transfer waits for more, or to be finished.</summary>
    Converged = 5,

    /// <summary>The VM is halted; the last changes and the final state are on their way.</summary>
    Finishing = 6,

    /// <summary>The destination holds all that the source does.</summary>
    Done = 7,

    /// <summary>The connection was lost and is tried anew.</summary>
    Reconnecting = 8,
    Failed = 9,
    Cancelled = 10,

    /// <summary>It failed or was cancelled, and the source gets back what the destination alone has; then 9 or 10.</summary>
    Restoring = 11,
}

/// <summary>Bits of <see cref="DirectTransferProgress.State"/>.</summary>
[Flags]
public enum DirectTransferState : byte
{
    None = 0,
    Connected = 1 << 0,
    Paused = 1 << 1,
    Finishing = 1 << 2,
}

/// <summary>Why a direct transfer failed, or lost its connection.</summary>
public enum DirectTransferReason : ushort
{
    None = 0,

    /// <summary>Nobody answers at the address, or nobody who speaks NVMe/TCP.</summary>
    CannotConnect = 1,

    /// <summary>The subsystem does not let the host in.</summary>
    ConnectRefused = 2,

    /// <summary>No drive with the vendor command set, or one that cannot be a destination.</summary>
    NoMigrationAssist = 3,

    /// <summary>The host NQN may not manage the target there, or there is no such target.</summary>
    NotAManager = 4,

    /// <summary>The target there is no active destination.</summary>
    NotReceiving = 5,

    /// <summary>A namespace of the VM is not there, or not attached to the host.</summary>
    NamespaceMissing = 6,

    /// <summary>A namespace there has other blocks.</summary>
    NamespaceFormat = 7,

    /// <summary>A namespace there has fewer blocks.</summary>
    NamespaceTooSmall = 8,

    /// <summary>The destination refused a write.</summary>
    WriteRefused = 9,

    /// <summary>The destination refused the storage state.</summary>
    StateRefused = 10,

    /// <summary>The destination no longer has what it acknowledged: it is on another medium.</summary>
    MediumReplaced = 11,

    /// <summary>The connection broke, or no answer came in time.</summary>
    ConnectionLost = 12,

    /// <summary>A namespace of the VM was made, deleted, attached, detached or formatted to other blocks.</summary>
    NamespaceChanged = 13,

    /// <summary>ACTIVE was cleared at the source.</summary>
    MigrationEnded = 14,

    /// <summary>The two ends do not store data alike.</summary>
    FormsDiffer = 15,

    /// <summary>A checksum could not be had.</summary>
    ChecksumFailed = 17,

    /// <summary>The rounds of a scheme did not converge.</summary>
    DoesNotConverge = 18,

    /// <summary>What the destination alone would have cannot be logged.</summary>
    LogFailed = 19,

    /// <summary>The source, or what the log holds, could not be brought up to date: newest data are lost.</summary>
    RestoreFailed = 20,

    /// <summary>The VM goes on at the source though everything was at the destination.</summary>
    CameBack = 21,
}
