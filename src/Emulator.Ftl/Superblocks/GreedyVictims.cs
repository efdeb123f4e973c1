namespace Emulator.Ftl.Superblocks;

/// <summary>The superblock with the fewest valid pages: the least to move for the most room.</summary>
internal sealed class GreedyVictims : VictimPolicy
{
    public override string Name => "greedy";

    public override int Choose(VictimIndex closed, ulong sequence)
    {
        int bucket = closed.NextBucket(0);
        return bucket < 0 ? -1 : closed.FirstOf(bucket);
    }
}
