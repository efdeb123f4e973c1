namespace Emulator.Flash.Physics;

/// <summary>What the flash did since the drive was powered on, and what went wrong.</summary>
public struct FlashCounters
{
    /// <summary>Pages read, as the map counts them.</summary>
    public long Reads;

    /// <summary>Program operations.</summary>
    public long Programs;

    /// <summary>Superblocks erased.</summary>
    public long Erases;

    /// <summary>Bit errors found in the pages read, in the last attempt at each.</summary>
    public long BitErrors;

    /// <summary>Pages read again because the first attempt could not be corrected.</summary>
    public long Retries;

    /// <summary>Reads whose errors could not be corrected.</summary>
    public long UncorrectableReads;

    /// <summary>Blocks that went bad in use.</summary>
    public long GrownBadBlocks;
}
