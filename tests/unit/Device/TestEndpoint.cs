using Emulator.Device;

namespace Emulator.UnitTests.Device;

/// <summary>The transport's end of a queue, which keeps what the drive says by itself.</summary>
public sealed class TestEndpoint : IQueueEndpoint
{
    public List<(ushort CommandId, CommandOutcome Outcome)> Posted { get; } = [];

    /// <summary>Why the drive closed the queue; null while it is open.</summary>
    public CloseReason? Closed { get; private set; }

    /// <summary>Buffers of commands that are pending, where a test has data come into one.</summary>
    public Dictionary<ushort, byte[]> Buffers { get; } = [];

    public Span<byte> DataOf(ushort commandId) => Buffers.GetValueOrDefault(commandId);

    public void Complete(ushort commandId, in CommandOutcome outcome) => Posted.Add((commandId, outcome));

    public void Close(CloseReason reason) => Closed = reason;
}
