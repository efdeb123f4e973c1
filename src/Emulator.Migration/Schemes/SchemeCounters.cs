namespace Emulator.Migration;

/// <summary>What a scheme did since it began; bytes are bytes of blocks. The cost of the migration follows from these.</summary>
public struct SchemeCounters
{
    /// <summary>Requests of the VM that completed.</summary>
    public long Requests;

    /// <summary>Bytes that the VM wrote, each write counted once.</summary>
    public long BytesWritten;

    /// <summary>Those of them that were at the time in the copied region.</summary>
    public long BytesWrittenToCopied;

    /// <summary>Bytes of the VM's writes that were issued to the source.</summary>
    public long BytesToSource;

    /// <summary>Bytes of the VM's writes that were issued to the destination.</summary>
    public long BytesToDestination;

    /// <summary>Bytes of the VM's reads that were issued to the destination.</summary>
    public long BytesReadAtDestination;

    /// <summary>Bytes of the image that the first pass wrote to the destination.</summary>
    public long BytesCopied;

    /// <summary>Bytes of the image that it left out since the VM had written them to the destination.</summary>
    public long BytesSkipped;

    /// <summary>Bytes that later passes wrote to the destination.</summary>
    public long BytesMerged;

    /// <summary>Passes after the first.</summary>
    public int Rounds;

    /// <summary>Requests that waited for blocks that were being copied, or for an earlier request of the same blocks.</summary>
    public long RequestsDeferred;

    /// <summary>Times that a write waited since too many were pending.</summary>
    public long Delays;

    /// <summary>The most writes that were pending.</summary>
    public int MostPending;

    /// <summary>Bytes of the log of updates.</summary>
    public long LogBytes;

    /// <summary>Bytes that were written to the source from the log.</summary>
    public long BytesRestored;
}
