using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Cache;

/// <summary>When a write is acknowledged.</summary>
public enum CacheMode
{
    /// <summary>When it is in DRAM; it is programmed later.</summary>
    WriteBack,

    /// <summary>When it is programmed and durable; DRAM serves reads only.</summary>
    WriteThrough,

    /// <summary>There is no cache: reads and writes go to the store.</summary>
    Off,
}

/// <summary>Which clean line makes room for another.</summary>
public enum ReplacementPolicyKind
{
    /// <summary>
    /// Three queues, the third of names alone: what is used once passes through a small part of the cache.
    /// </summary>
    S3Fifo,

    /// <summary>The least recently used line.</summary>
    Lru,

    /// <summary>The oldest line that was not used since it was looked at last.</summary>
    Clock,
}

/// <summary>What a cache is built from.</summary>
public sealed record CacheOptions
{
    public const long LeastBytes = 1 << 20;

    /// <summary>Largest budget in bytes: lines are numbered by an int and their memory is taken at once.</summary>
    public const long LargestBytes = 1L << 38;

    /// <summary>DRAM for lines in bytes, a multiple of 4 KiB, shared by the write buffer and the read cache.</summary>
    public long SizeBytes { get; init; } = 16 << 20;

    public CacheMode Mode { get; init; } = CacheMode.WriteBack;

    /// <summary>
    /// What is not programmed is lost with the power. A cache that is not volatile has capacitors that program it.
    /// </summary>
    public bool IsVolatile { get; init; } = true;

    public ReplacementPolicyKind Policy { get; init; } = ReplacementPolicyKind.S3Fifo;

    /// <summary>Whether pages are read ahead of a host that reads in sequence.</summary>
    public bool Prefetch { get; init; } = true;

    /// <summary>What finding a page in DRAM takes, and moving it where <see cref="DramBytesPerSecond"/> is 0.</summary>
    public SimDuration AccessTime { get; init; }

    /// <summary>What DRAM carries, one page after the other; 0 for as much as is asked of it.</summary>
    public long DramBytesPerSecond { get; init; }

    /// <summary>Lines in the budget.</summary>
    public int Lines => Mode == CacheMode.Off ? 0 : (int)(SizeBytes / FlashGeometry.PageBytes);

    /// <summary>
    /// Whether acknowledged writes can be lost with the power until they are flushed (VWC of Identify).
    /// </summary>
    public bool HasVolatileWrites => Mode == CacheMode.WriteBack && IsVolatile;

    /// <summary>One line that says what is impossible; null when nothing is.</summary>
    /// <param name="programPages">Pages of one program operation of the medium.</param>
    public string? Problem(int programPages)
    {
        if (!Enum.IsDefined(Mode) || !Enum.IsDefined(Policy))
            return $"cache mode {(int)Mode} and policy {(int)Policy} must be ones that there are";
        if (AccessTime < SimDuration.Zero || AccessTime > SimDuration.FromMilliseconds(1))
            return $"cache access time {AccessTime} must be 0 to 1 ms";
        if (DramBytesPerSecond is < 0 or (> 0 and < 1_000_000))
            return $"DRAM that carries {DramBytesPerSecond} bytes a second must carry at least 1000000, or 0 for no limit";
        if (Mode == CacheMode.Off)
            return null;
        if (SizeBytes is < LeastBytes or > LargestBytes || SizeBytes % FlashGeometry.PageBytes != 0)
            return $"cache size {SizeBytes} must be a multiple of 4 KiB from {LeastBytes} to {LargestBytes}";
        const int leastGroups = 8;
        return Lines < leastGroups * programPages
            ? $"cache size {SizeBytes} must hold {leastGroups} program operations of {programPages} pages"
            : null;
    }
}
