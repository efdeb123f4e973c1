namespace Emulator.Ftl.Superblocks;

/// <summary>Says which closed superblock is collected next.</summary>
public abstract class VictimPolicy
{
    public static readonly VictimPolicy Greedy = new GreedyVictims();
    public static readonly VictimPolicy CostBenefit = new CostBenefitVictims();

    /// <summary>How the configuration calls it.</summary>
    public abstract string Name { get; }

    /// <param name="closed">The superblocks to choose from.</param>
    /// <param name="sequence">Pages written so far, the clock that ages are measured by.</param>
    /// <returns>A superblock; -1 when there is none.</returns>
    public abstract int Choose(VictimIndex closed, ulong sequence);
}
