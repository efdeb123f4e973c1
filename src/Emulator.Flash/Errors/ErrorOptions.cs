namespace Emulator.Flash.Errors;

/// <summary>
/// How a cell wears and forgets, and what the error correction makes of it. Rates are per bit and read; cycles are
/// programs and erases of a block.
/// </summary>
public sealed record ErrorOptions
{
    /// <summary>Raw bit errors of a fresh block that was just programmed.</summary>
    public required double FreshBitErrorRate { get; init; }

    /// <summary>Cycles that the block is rated for.</summary>
    public required int RatedCycles { get; init; }

    /// <summary>By how much the rate has grown at the rated cycles.</summary>
    public double WornFactor { get; init; } = 1;

    /// <summary>How the growth begins: 1 is even over the life, higher ones come late.</summary>
    public double WearExponent { get; init; } = 1;

    /// <summary>
    /// What a month since programming adds, as a multiple of the rate; it grows with the root of the time.
    /// </summary>
    public double RetentionPerMonth { get; init; }

    /// <summary>What each read of the block since its erase adds to the rate of every page in it.</summary>
    public double DisturbPerRead { get; init; }

    /// <summary>
    /// Bit errors that are corrected in a codeword, which is a page of the mapping with its check bits.
    /// </summary>
    public required int CorrectableBits { get; init; }

    /// <summary>How often an uncorrectable page is read again with shifted thresholds.</summary>
    public int RetryLimit { get; init; }

    /// <summary>What a retry leaves of the rate.</summary>
    public double RetryGain { get; init; } = 1;

    /// <summary>
    /// Of how many programs of a fresh block one fails, as a probability; it grows with wear as the rate does.
    /// </summary>
    public double ProgramFailure { get; init; }

    /// <summary>The same of erases.</summary>
    public double EraseFailure { get; init; }

    /// <summary>Blocks that are bad when the drive is made, as a fraction.</summary>
    public double FactoryBadBlocks { get; init; }

    /// <summary>
    /// Blocks of each plane that replace bad ones, as a fraction of those that hold data; at least two.
    /// </summary>
    public double SpareBlocks { get; init; }
}
