namespace Emulator.Cache;

/// <summary>What is asked of the lines that an access touches.</summary>
[Flags]
public enum CacheHint : byte
{
    None = 0,

    /// <summary>
    /// A write is to be in the store, not in DRAM alone, when it is done; a read is to be of what the store has, which is
    /// made to have it.
    /// </summary>
    Through = 1 << 0,

    /// <summary>Lines written are kept until an access with <see cref="Release"/> has read them.</summary>
    Retain = 1 << 1,

    /// <summary>Lines stay longer than others when room is made.</summary>
    Favour = 1 << 2,

    /// <summary>The reader is the one for whom lines are retained.</summary>
    Release = 1 << 3,
}

/// <summary>Hints, and for whom they are.</summary>
/// <param name="Owner">Whose the lines become, from <see cref="PageCache.AddOwner"/>; 0 for nobody's.</param>
public readonly record struct CacheHints(byte Owner, CacheHint Hint)
{
    public bool Has(CacheHint hint) => (Hint & hint) != 0;

    public CacheHints With(CacheHint hint) => new(Owner, Hint | hint);
}
