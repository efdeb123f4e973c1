using Emulator.Core;

namespace Emulator.Flash.Rotating;

/// <summary>The mechanics of a disk. How many cylinders it has follows from its capacity.</summary>
public sealed record RotatingDiskOptions
{
    public required int RevolutionsPerMinute { get; init; }

    public required int Surfaces { get; init; }

    /// <summary>Bytes of the outermost track, where addresses begin.</summary>
    public required int OuterTrackBytes { get; init; }

    public required int InnerTrackBytes { get; init; }

    /// <summary>Seek to the next cylinder, and switch to another surface.</summary>
    public required SimDuration TrackToTrackSeek { get; init; }

    /// <summary>Seek over a third of the cylinders.</summary>
    public required SimDuration AverageSeek { get; init; }

    public required SimDuration FullStrokeSeek { get; init; }

    /// <summary>What a write waits longer than a read until the head has settled.</summary>
    public SimDuration WriteSettle { get; init; }

    /// <summary>What the disk's controller takes for a command.</summary>
    public SimDuration Command { get; init; }

    /// <summary>How far a disk that has nothing else to do reads on behind a read.</summary>
    public int ReadAheadBytes { get; init; }

    /// <summary>
    /// What command queueing gains: with n commands outstanding, seek and rotation together take n to the power of
    /// minus this of what they take one by one. 0 serves in the order of arrival without gain.
    /// </summary>
    public double QueueGain { get; init; }

    /// <summary>Says in one line why no such disk can exist; null when it can.</summary>
    public string? Problem()
    {
        if (InnerTrackBytes > OuterTrackBytes)
            return $"the inner track holds {InnerTrackBytes} bytes, more than the outer one with {OuterTrackBytes}";
        if (TrackToTrackSeek > AverageSeek || AverageSeek > FullStrokeSeek)
            return "the seek times do not grow with the distance";
        return SeekCurve.Through(this).Root < 0 || SeekCurve.Through(this).Linear < 0
            ? $"no seek curve leads through {TrackToTrackSeek}, {AverageSeek} and {FullStrokeSeek}"
            : null;
    }
}
