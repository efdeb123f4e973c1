namespace Emulator.Migration;

/// <summary>How a copy loop works.</summary>
public sealed record CopyOptions
{
    /// <summary>Bytes of a command at most: a power of two from 4096, at least a block.</summary>
    public int CommandBytes { get; init; } = 128 * 1024;

    /// <summary>Pages are sent as they are stored.</summary>
    public bool IsStored { get; init; }

    /// <summary>So many bytes may be written at a peer with a volatile cache before it is asked to flush it.</summary>
    public long FlushBytes { get; init; } = 128L << 20;
}
