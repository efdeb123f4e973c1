namespace Emulator.Ftl;

/// <summary>What a mapping cache keeps and gives up as a whole.</summary>
public enum MappingCacheUnit
{
    /// <summary>The entries of 1024 logical pages.</summary>
    Page,

    /// <summary>One entry, of 8 bytes.</summary>
    Entry,
}
