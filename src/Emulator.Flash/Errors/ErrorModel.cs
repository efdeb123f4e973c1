using System.Numerics;
using Emulator.Core;

namespace Emulator.Flash.Errors;

/// <summary>
/// Draws what goes wrong in the cells: bit errors of a read, programs and erases that fail, blocks that are bad from
/// the factory. The same seed and the same operations give the same errors. A read whose expected errors are far below
/// what is corrected costs no draw.
/// </summary>
public sealed class ErrorModel
{
    /// <summary>A month in the sense of <see cref="ErrorOptions.RetentionPerMonth"/>: 30 days.</summary>
    public static readonly SimDuration Month = SimDuration.FromSeconds(30L * 24 * 3600);

    private const int CodewordBits = FlashGeometry.PageBytes * 8;

    /// <summary>Steps of the wear table up to the rated cycles; it goes on to twice of them.</summary>
    private const int WearSteps = 256;

    /// <summary>Steps of the retention table between one power of two and the next, as bits.</summary>
    private const int AgeStepBits = 2;

    private readonly ErrorOptions _options;
    private readonly ulong _seed;
    private readonly SeededRandom _random;
    private readonly double[] _wear = new double[(2 * WearSteps) + 1];
    private readonly double[] _retention = new double[64 << AgeStepBits];
    private readonly double _freshErrors;
    private readonly double _disturbErrors;

    public ErrorModel(ErrorOptions options, ulong seed)
    {
        Check.That(options.RatedCycles > 0);
        _options = options;
        _seed = seed;
        _random = new SeededRandom(seed);
        _freshErrors = options.FreshBitErrorRate * CodewordBits;
        _disturbErrors = options.DisturbPerRead * CodewordBits;
        for (int i = 0; i < _wear.Length; i++)
            _wear[i] = 1 + ((options.WornFactor - 1) * Math.Pow(i / (double)WearSteps, options.WearExponent));
        for (int i = 0; i < _retention.Length; i++)
            _retention[i] = 1 + (options.RetentionPerMonth * Math.Sqrt(AgeOfStep(i) / Month.Nanoseconds));
    }

    /// <summary>Bit errors that a codeword has on average.</summary>
    /// <param name="cycles">Programs and erases of its block.</param>
    /// <param name="age">Since it was programmed.</param>
    /// <param name="blockReads">Reads of the block since its erase.</param>
    public double ExpectedErrors(int cycles, SimDuration age, long blockReads) =>
        (_freshErrors * WearFactor(cycles) * _retention[AgeStep(age)]) + (_disturbErrors * blockReads);

    /// <inheritdoc cref="ExpectedErrors"/>
    public ReadOutcome Read(int cycles, SimDuration age, long blockReads)
    {
        double expected = ExpectedErrors(cycles, age, blockReads);

        // Six deviations and six errors above the mean lies less than one read in a hundred million.
        int limit = _options.CorrectableBits;
        if (expected + (6 * Math.Sqrt(expected)) + 6 < limit)
            return new ReadOutcome((int)(expected + 0.5), 0, true);

        int errors = Poisson(expected);
        int retries = 0;
        for (; errors > limit && retries < _options.RetryLimit; retries++)
        {
            expected *= _options.RetryGain;
            errors = Poisson(expected);
        }

        return new ReadOutcome(errors, retries, errors <= limit);
    }

    /// <summary>Draws whether a program fails; the block is bad from then on.</summary>
    public bool ProgramFails(int cycles) => Happens(_options.ProgramFailure, cycles);

    /// <summary>Draws whether an erase fails; the block is bad from then on.</summary>
    public bool EraseFails(int cycles) => Happens(_options.EraseFailure, cycles);

    /// <summary>
    /// Whether a block was bad when the drive was made: by the seed alone, whatever was drawn before.
    /// </summary>
    public bool IsBadFromFactory(int plane, int block)
    {
        if (_options.FactoryBadBlocks <= 0)
            return false;
        ulong place = ((ulong)(uint)plane << 32) | (uint)block;
        return Unit(new SeededRandom(_seed ^ (place * 0xD6E8FEB86659FD93)).Next()) < _options.FactoryBadBlocks;
    }

    /// <summary>How many blocks of a plane replace bad ones.</summary>
    /// <param name="blocks">Blocks of the plane that hold data.</param>
    public int SpareBlocks(int blocks) => (int)Math.Max(2, Math.Ceiling(blocks * _options.SpareBlocks));

    private bool Happens(double fresh, int cycles) => fresh > 0 && Unit(_random.Next()) < fresh * WearFactor(cycles);

    private double WearFactor(int cycles) =>
        _wear[(int)Math.Min((long)cycles * WearSteps / _options.RatedCycles, _wear.Length - 1)];

    private static int AgeStep(SimDuration age)
    {
        ulong nanoseconds = (ulong)Math.Max(age.Nanoseconds, 1 << AgeStepBits);
        int log = BitOperations.Log2(nanoseconds);
        return (log << AgeStepBits) | ((int)(nanoseconds >> (log - AgeStepBits)) & ((1 << AgeStepBits) - 1));
    }

    /// <summary>The middle of a step of the retention table, in nanoseconds.</summary>
    private static double AgeOfStep(int step)
    {
        double whole = Math.ScaleB(1, step >> AgeStepBits);
        return whole * (1 + (((step & ((1 << AgeStepBits) - 1)) + 0.5) / (1 << AgeStepBits)));
    }

    /// <summary>
    /// Many rare, independent events: by products of uniform numbers, or by the normal law that they approach.
    /// </summary>
    private int Poisson(double mean)
    {
        if (mean > 50)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - Unit(_random.Next())));
            double normal = radius * Math.Cos(2 * Math.PI * Unit(_random.Next()));
            return (int)Math.Clamp(mean + (Math.Sqrt(mean) * normal) + 0.5, 0, CodewordBits);
        }

        double product = Unit(_random.Next());
        double bound = Math.Exp(-mean);
        int count = 0;
        for (; product > bound; count++)
            product *= Unit(_random.Next());
        return count;
    }

    /// <summary>A number in [0, 1).</summary>
    private static double Unit(ulong random) => (random >> 11) * (1.0 / (1ul << 53));
}
