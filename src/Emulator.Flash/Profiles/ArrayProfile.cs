using Emulator.Core;

namespace Emulator.Flash.Profiles;

/// <summary>
/// A device of which only measurements from outside are known, such as a disk array: it serves one command at a time, and
/// each takes something for itself and something for its data.
/// </summary>
public sealed record ArrayProfile
{
    /// <summary>Writes wear it, as they do an array of SSDs; null where nobody says.</summary>
    public bool? Wears { get; init; }

    public required SimDuration Read { get; init; }

    public required long ReadBytesPerSecond { get; init; }

    public required SimDuration Write { get; init; }

    public required long WriteBytesPerSecond { get; init; }

    public SimDuration TimeToRead(int bytes) => Read + TimeOf(bytes, ReadBytesPerSecond);

    public SimDuration TimeToWrite(int bytes) => Write + TimeOf(bytes, WriteBytesPerSecond);

    private static SimDuration TimeOf(int bytes, long bytesPerSecond) => new(bytes * 1_000_000_000L / bytesPerSecond);
}
