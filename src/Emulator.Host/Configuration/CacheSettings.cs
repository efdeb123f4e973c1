using Emulator.Cache;
using Emulator.Core;

namespace Emulator.Host.Configuration;

/// <summary>The DRAM of a drive; the defaults are those of <see cref="CacheOptions"/>.</summary>
public sealed record CacheSettings
{
    private static readonly CacheOptions Default = new();

    private static readonly string[] Modes = ["write-back", "write-through", "off"];
    private static readonly string[] Policies = ["s3-fifo", "lru", "clock"];

    public ByteSize Size { get; init; } = new(Default.SizeBytes);

    public CacheMode Mode { get; init; } = Default.Mode;

    /// <summary>False for a cache with capacitors behind it.</summary>
    public bool Volatile { get; init; } = Default.IsVolatile;

    public ReplacementPolicyKind Policy { get; init; } = Default.Policy;

    public bool Prefetch { get; init; } = Default.Prefetch;

    public int AccessNanoseconds { get; init; } = (int)Default.AccessTime.Nanoseconds;

    /// <exception cref="FormatException">There is no such mode.</exception>
    public static CacheMode ParseMode(string text) => (CacheMode)IndexOf(text, Modes, "cache mode");

    /// <exception cref="FormatException">There is no such policy.</exception>
    public static ReplacementPolicyKind ParsePolicy(string text) =>
        (ReplacementPolicyKind)IndexOf(text, Policies, "cache policy");

    public CacheOptions ToOptions() => new()
    {
        SizeBytes = Size.Bytes,
        Mode = Mode,
        IsVolatile = Volatile,
        Policy = Policy,
        Prefetch = Prefetch,
        AccessTime = new SimDuration(AccessNanoseconds),
    };

    private static int IndexOf(string text, string[] names, string what)
    {
        int index = Array.IndexOf(names, text);
        return index >= 0
            ? index
            : throw new FormatException($"'{text}' is not a {what}; there are {string.Join(", ", names)}");
    }
}
