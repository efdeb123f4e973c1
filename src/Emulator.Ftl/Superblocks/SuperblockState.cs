namespace Emulator.Ftl.Superblocks;

/// <summary>Where a superblock is in its life.</summary>
public enum SuperblockState : byte
{
    /// <summary>Erased, waiting to be written.</summary>
    Free,

    /// <summary>Being written.</summary>
    Open,

    /// <summary>Written to its end, or as far as it ever will be: it can be collected.</summary>
    Closed,

    /// <summary>Its valid pages are being moved away.</summary>
    Victim,

    /// <summary>Without valid pages, but not to be erased before the medium was synchronised.</summary>
    Emptied,

    /// <summary>Never used again.</summary>
    Retired,
}
