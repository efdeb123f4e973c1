using Emulator.Core;

namespace Emulator.Flash.Timing;

/// <summary>How long the operations of a flash die and of its channel take.</summary>
public sealed record FlashTimingOptions
{
    /// <summary>From the read command until the page register holds the page (tR).</summary>
    public required PageTimes Read { get; init; }

    /// <summary>
    /// From the last byte in until the cells hold the page (tPROG), of one plane or of all planes at once.
    /// </summary>
    public required PageTimes Program { get; init; }

    /// <summary>Erasing a block, of one plane or of all planes at once (tBERS).</summary>
    public required SimDuration Erase { get; init; }

    /// <summary>Command and address cycles of one operation, which take the channel.</summary>
    public SimDuration Command { get; init; }

    /// <summary>What a channel carries: transfers a second times its width.</summary>
    public required long ChannelBytesPerSecond { get; init; }

    /// <summary>What a read retry takes beyond reading once more: setting the shifted thresholds.</summary>
    public SimDuration RetryStep { get; init; }

    /// <summary>
    /// Whether reads, or programs, that wait for a die are done at once if they are of different planes and of the same row.
    /// </summary>
    public bool JoinsPlanes { get; init; }

    /// <summary>Null when a running program cannot be suspended.</summary>
    public SuspendOptions? ProgramSuspend { get; init; }

    /// <summary>Null when a running erase cannot be suspended.</summary>
    public SuspendOptions? EraseSuspend { get; init; }
}
