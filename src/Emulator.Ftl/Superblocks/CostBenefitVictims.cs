namespace Emulator.Ftl.Superblocks;

/// <summary>
/// The superblock with the largest age x (1 - u) / 2u, where u is the valid share of its pages and its age the pages
/// written since it last lost some (Kawaguchi, Nishioka, Motoda: A flash-memory based file system, 1995). What is
/// hot has its pages overwritten a little longer; what is cold is collected earlier than its valid pages alone tell.
/// </summary>
internal sealed class CostBenefitVictims : VictimPolicy
{
    public override string Name => "cost-benefit";

    public override int Choose(VictimIndex closed, ulong sequence)
    {
        int best = -1;
        double bestValue = -1;
        for (int bucket = closed.NextBucket(0); bucket >= 0; bucket = closed.NextBucket(bucket + 1))
        {
            int superblock = closed.FirstOf(bucket);
            double valid = closed.ValidPagesOf(bucket) / (double)closed.PagesPerSuperblock;
            if (valid == 0)
                return superblock;
            double value = (sequence - closed.Since(superblock)) * (1 - valid) / (2 * valid);
            if (value <= bestValue)
                continue;
            best = superblock;
            bestValue = value;
        }

        return best;
    }
}
