using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;

namespace Emulator.Host.Configuration;

/// <summary>
/// The DRAM of a drive. What is null is as the profile says, and without one as <see cref="CacheOptions"/> does.
/// </summary>
public sealed record CacheSettings
{
    private static readonly CacheOptions Default = new();

    private static readonly string[] Modes = ["write-back", "write-through", "off"];
    private static readonly string[] Policies = ["s3-fifo", "lru", "clock"];

    public ByteSize? Size { get; init; }

    public CacheMode? Mode { get; init; }

    /// <summary>False for a cache with capacitors behind it.</summary>
    public bool? Volatile { get; init; }

    public ReplacementPolicyKind Policy { get; init; } = Default.Policy;

    public bool? Prefetch { get; init; }

    public int? AccessNanoseconds { get; init; }

    /// <exception cref="FormatException">There is no such mode.</exception>
    public static CacheMode ParseMode(string text) => (CacheMode)IndexOf(text, Modes, "cache mode");

    /// <exception cref="FormatException">There is no such policy.</exception>
    public static ReplacementPolicyKind ParsePolicy(string text) =>
        (ReplacementPolicyKind)IndexOf(text, Policies, "cache policy");

    /// <param name="profile">Null without one.</param>
    /// <param name="timing">Without timing DRAM takes none either, unless it is written here.</param>
    public CacheOptions ToOptions(ControllerProfile? profile, DriveTiming timing)
    {
        ControllerProfile? timed = timing == DriveTiming.Model ? profile : null;
        long size = Size?.Bytes ?? profile?.CacheBytes ?? Default.SizeBytes;
        return new CacheOptions
        {
            SizeBytes = size,
            Mode = Mode ?? (size == 0 ? CacheMode.Off : Default.Mode),
            IsVolatile = Volatile ?? profile?.HasVolatileCache ?? Default.IsVolatile,
            Policy = Policy,
            Prefetch = Prefetch ?? profile?.Prefetches ?? Default.Prefetch,
            AccessTime = AccessNanoseconds is { } access ? new SimDuration(access) : timed?.DramAccess ?? Default.AccessTime,
            DramBytesPerSecond = timed?.DramBytesPerSecond ?? Default.DramBytesPerSecond,
        };
    }

    private static int IndexOf(string text, string[] names, string what)
    {
        int index = Array.IndexOf(names, text);
        return index >= 0
            ? index
            : throw new FormatException($"'{text}' is not a {what}; there are {string.Join(", ", names)}");
    }
}
