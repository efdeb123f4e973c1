namespace Emulator.Ftl;

/// <summary>Why a valid page was moved.</summary>
public enum MoveCause : byte
{
    /// <summary>To make room.</summary>
    Collection,

    /// <summary>So that a superblock that is seldom erased is erased too.</summary>
    WearLevelling,

    /// <summary>It was read with many errors, or its superblock was.</summary>
    Refresh,

    /// <summary>A program or an erase of its superblock failed.</summary>
    Retirement,
}
