using Emulator.Device;

namespace Emulator.Spdk;

/// <summary>A command that the drive has executed and whose completion is not due, or that it completes later.</summary>
internal sealed class PendingCommand
{
    public DoorQueue? Queue;
    public ushort CommandId;

    /// <summary>The library's handle; 0 once the command has ended or its queue is gone.</summary>
    public nint Request;
    public nint Data;
    public int Length;
    public CommandOutcome Outcome;

    /// <summary>It waits for its time rather than for the drive.</summary>
    public bool IsDeferred;
}
