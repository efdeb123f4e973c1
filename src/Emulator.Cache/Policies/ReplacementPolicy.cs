namespace Emulator.Cache;

/// <summary>
/// Chooses the clean line that makes room for another. It is told of every line that becomes clean, is used, and leaves
/// clean for another reason; dirty lines are not its business.
/// </summary>
internal abstract class ReplacementPolicy
{
    /// <summary>A line is clean from now on. <see cref="LineFlags.Used"/> tells whether it was read before.</summary>
    public abstract void Add(int line);

    /// <summary>A line was read.</summary>
    public abstract void Use(int line);

    /// <summary>A line is written or trimmed and no longer clean.</summary>
    public abstract void Remove(int line);

    /// <summary>Takes the line that is worth least.</summary>
    /// <returns><see cref="CacheLine.None"/> if there is none.</returns>
    public abstract int Evict();

    public static ReplacementPolicy Create(ReplacementPolicyKind kind, LineTable lines) => kind switch
    {
        ReplacementPolicyKind.Lru => new LruPolicy(lines),
        ReplacementPolicyKind.Clock => new ClockPolicy(lines),
        _ => new S3FifoPolicy(lines),
    };
}
