namespace Emulator.Migration;

/// <summary>
/// What a planner knows of a storage medium, measured or stated (US 9,195,401, embodiments 14 and 16): whether it is an SSD
/// or a disk, and its performance. Rates are a second, small requests are 4 KiB at random.
/// </summary>
public sealed record MediumTraits
{
    public const int SmallBytes = 4096;
    public const int LargeBytes = 128 << 10;

    /// <summary>Writes wear it out.</summary>
    public required bool IsSsd { get; init; }

    /// <summary>What is not in sequence costs it a move of an arm, also where two sequences meet.</summary>
    public required bool HasArm { get; init; }

    /// <summary>Bytes a second in sequence, with one command of 128 KiB outstanding.</summary>
    public required double ReadBytesPerSecond { get; init; }

    public required double WriteBytesPerSecond { get; init; }

    /// <summary>Small reads a second with 32 outstanding.</summary>
    public required double ReadIops { get; init; }

    /// <summary>Small writes a second with 32 outstanding, sustained: what lies behind a write cache counts.</summary>
    public required double WriteIops { get; init; }

    /// <summary>Seconds of a small read alone.</summary>
    public required double ReadSeconds { get; init; }

    /// <summary>Seconds until a small write alone is completed, which may be before the medium has it.</summary>
    public required double WriteSeconds { get; init; }

    /// <summary>Bytes of a write cache: writes to what is still in it cost the medium nothing; 0 if nobody knows.</summary>
    public double CacheBytes { get; init; }

    /// <summary>Of reads or of writes, whichever is less.</summary>
    public double BytesPerSecond => Math.Min(ReadBytesPerSecond, WriteBytesPerSecond);

    /// <summary>
    /// The disks of table 4: 7200 rpm, 125 MB/s. What the table leaves open follows from the mechanics: 8.5 ms of seek and
    /// half a turn of 4.2 ms, a third of that with 32 commands to choose from.
    /// </summary>
    public static MediumTraits Hdd { get; } = new()
    {
        IsSsd = false,
        HasArm = true,
        ReadBytesPerSecond = 125e6,
        WriteBytesPerSecond = 125e6,
        ReadIops = 210,
        WriteIops = 210,
        ReadSeconds = 12.7e-3,
        WriteSeconds = 100e-6,
    };

    /// <summary>
    /// The SSDs of table 4: 50,000 reads and 60,000 writes a second; the bandwidth is that of copying 5 GB in 30 s (table 1).
    /// </summary>
    public static MediumTraits Ssd { get; } = new()
    {
        IsSsd = true,
        HasArm = false,
        ReadBytesPerSecond = 340e6,
        WriteBytesPerSecond = 340e6,
        ReadIops = 50_000,
        WriteIops = 60_000,
        ReadSeconds = 100e-6,
        WriteSeconds = 60e-6,
    };

    /// <summary>What is wrong with the figures; null if nothing is.</summary>
    public string? Problem()
    {
        foreach ((string name, double value) in new[]
        {
            ("bandwidth of reads", ReadBytesPerSecond), ("bandwidth of writes", WriteBytesPerSecond), ("reads a second", ReadIops),
            ("writes a second", WriteIops), ("time of a read", ReadSeconds), ("time of a write", WriteSeconds),
        })
        {
            if (!(value > 0) || !double.IsFinite(value))
                return $"the {name} must be more than 0";
        }

        return CacheBytes >= 0 && double.IsFinite(CacheBytes) ? null : "the bytes of the write cache must not be negative";
    }
}
