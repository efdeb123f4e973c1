using Emulator.Core;

namespace Emulator.Ftl;

/// <summary>
/// What a page is written together with: pages of one stream go to the same superblocks, so that what is written
/// together is, with luck, overwritten together (NVMe Base 2.1, 8.1.8.3, streams; hot and cold data apart).
/// </summary>
public readonly record struct WriteStream(byte Value)
{
    /// <summary>The largest number of a stream of the streams directive.</summary>
    public const int LargestDirective = 253;

    /// <summary>What hosts write without naming a stream.</summary>
    public static readonly WriteStream Host = new(0);

    /// <summary>What hosts write without naming a stream, to places that are seldom written.</summary>
    public static readonly WriteStream HostCold = new(254);

    /// <summary>What garbage collection and wear levelling move.</summary>
    public static readonly WriteStream Collector = new(byte.MaxValue);

    /// <summary>A stream of the streams directive.</summary>
    /// <param name="number">1 to <see cref="LargestDirective"/>.</param>
    public static WriteStream Directive(int number)
    {
        Check.That(number is >= 1 and <= LargestDirective);
        return new WriteStream((byte)number);
    }
}
