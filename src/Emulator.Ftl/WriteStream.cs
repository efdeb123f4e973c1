namespace Emulator.Ftl;

/// <summary>
/// What a page is written together with: pages of one stream go to the same superblocks, so that what is written
/// together is, with luck, overwritten together (NVMe Base 2.1, 8.1.8.2, streams; hot and cold data apart).
/// </summary>
public readonly record struct WriteStream(byte Value)
{
    /// <summary>What hosts write without naming a stream.</summary>
    public static readonly WriteStream Host = new(0);

    /// <summary>What garbage collection and wear levelling move.</summary>
    public static readonly WriteStream Collector = new(byte.MaxValue);

    /// <summary>A stream of the streams directive.</summary>
    /// <param name="number">1-based; at most 254.</param>
    public static WriteStream Directive(int number) => new(checked((byte)number));
}
