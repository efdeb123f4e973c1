using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// What hosts ask of the drive, in bytes of work: those that commands move, and for each command what handling it costs
/// beside.
/// </summary>
public sealed class ForegroundMeter
{
    /// <summary>Handling a command takes as long as moving so many bytes.</summary>
    public const int CommandBytes = 8 * 1024;

    /// <summary>All of it so far.</summary>
    public long Work { get; private set; }

    /// <summary>When it was added to last.</summary>
    public SimTime LastAt { get; private set; } = new(long.MinValue / 2);

    public void Count(SimTime now, int bytes)
    {
        Work += CommandBytes + bytes;
        LastAt = now;
    }
}
