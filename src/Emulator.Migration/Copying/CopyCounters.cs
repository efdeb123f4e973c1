namespace Emulator.Migration;

/// <summary>What a copy loop did since it was made.</summary>
public struct CopyCounters
{
    /// <summary>Bytes of data that were sent to the peer, each time; in stored form as they are stored.</summary>
    public ulong BytesSent;

    /// <summary>Bytes of the blocks that these were of.</summary>
    public ulong BytesWritten;

    /// <summary>Bytes that were deallocated at the peer since they read as zero.</summary>
    public ulong BytesZeroed;

    /// <summary>Bytes that had to be copied again after a connection was lost.</summary>
    public ulong BytesRepeated;

    /// <summary>Commands that the peer completed.</summary>
    public ulong Commands;

    /// <summary>Blocks that could not be read, and cannot be read at the peer either.</summary>
    public ulong BlocksUnreadable;

    /// <summary>Times that the peer flushed its cache for the loop.</summary>
    public ulong Flushes;
}
