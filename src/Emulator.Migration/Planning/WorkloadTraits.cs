namespace Emulator.Migration;

/// <summary>
/// What a planner knows of the requests of a VM, from watching it or from its operator. Shares are from 0 to 1. The VM is a
/// number of processes that wait for one request each and think before the next.
/// </summary>
public sealed record WorkloadTraits
{
    /// <summary>Of the requests.</summary>
    public double ReadShare { get; init; } = 0.7;

    /// <summary>In the mean.</summary>
    public double RequestBytes { get; init; } = 8192;

    /// <summary>Requests outstanding at most.</summary>
    public int Outstanding { get; init; } = 4;

    /// <summary>Seconds between two requests of a process; null if it follows from <see cref="IopsAtSource"/>.</summary>
    public double? ThinkSeconds { get; init; }

    /// <summary>Requests a second before the migration; null if nobody measured: as many as the source can do.</summary>
    public double? IopsAtSource { get; init; }

    /// <summary>Requests a second of the VM on the destination alone, if anybody measured.</summary>
    public double? IopsAtDestination { get; init; }

    /// <summary>Requests that go on where the last one ended; the others are at random.</summary>
    public double SequentialShare { get; init; }

    /// <summary>Of the image: what the VM touches.</summary>
    public double WorkingSetShare { get; init; } = 1;

    /// <summary>Where in the image that begins; null if it is spread all over it.</summary>
    public double? WorkingSetStart { get; init; }

    /// <summary>Exponent of Zipf's law for random addresses: 0 for none, 0.99 where few blocks have most requests.</summary>
    public double Skew { get; init; }

    /// <summary>Of the image: what was ever written.</summary>
    public double WrittenShare { get; init; } = 1;

    public double WriteShare => 1 - ReadShare;

    /// <summary>What is wrong with the figures; null if nothing is.</summary>
    public string? Problem()
    {
        if (!IsShare(ReadShare) || !IsShare(SequentialShare))
            return "shares of reads and of requests in sequence must be 0 to 1";
        if (!IsShare(WorkingSetShare) || WorkingSetShare == 0 || !IsShare(WrittenShare) || WrittenShare == 0)
            return "the working set and what was ever written must be more than 0 and at most all of the image";
        if (WorkingSetStart is { } start && !(start >= 0 && start + WorkingSetShare <= 1))
            return "the working set must end within the image";
        if (!(RequestBytes >= 512 && RequestBytes <= 16 << 20))
            return "a request must have 512 bytes to 16 MiB";
        if (Outstanding is < 1 or > 65_536)
            return "requests outstanding must be 1 to 65536";
        if (!IsRate(IopsAtSource) || !IsRate(IopsAtDestination))
            return "requests a second must be more than 0";
        if (!(Skew >= 0 && Skew < 1))
            return "the skew must be at least 0 and below 1";
        return ThinkSeconds is { } think && !(think >= 0 && double.IsFinite(think)) ? "the time to think must not be negative" : null;
    }

    private static bool IsShare(double value) => value >= 0 && value <= 1;

    private static bool IsRate(double? value) => value is not { } rate || (rate > 0 && double.IsFinite(rate));
}
