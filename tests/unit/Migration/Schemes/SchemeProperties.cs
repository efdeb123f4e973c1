using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// What holds of every scheme, whatever the devices: the VM reads what it wrote, the side that the scheme promises can be gone
/// back to at every moment, and both sides are equal at the end.
/// </summary>
internal static class SchemeProperties
{
    public static IReadOnlyList<SchemeKind> Kinds { get; } =
    [
        SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring, SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy,
        SchemeKind.AsynchronousMirroring, SchemeKind.Assist,
    ];

    /// <summary>The parameters of a scheme, in many combinations.</summary>
    public static SchemeOptions OptionsOf(SchemeKind kind, ulong seed, int blockBytes) => new()
    {
        Kind = kind,
        CopyBytes = (8 * blockBytes) << (int)(seed % 3),
        CopyDepth = 1 + (int)(seed % 4),
        IsPaced = seed / 2 % 2 == 0,
        ReadThroughBytes = (int)(seed % 3) * 4 * blockBytes,
        PendingThreshold = (int)(seed % 5) * 2,
        Pending = (PendingWrites)(seed % 3),
        ConvergedBytes = 8 * blockBytes,
        MostRounds = 6,
        FallBack = seed % 2 == 0 ? DirtyFallBack.Mirror : DirtyFallBack.Pause,
    };

    public static void BothSidesAreEqualAtTheEnd(SchemeHarness harness)
    {
        int steps = 0;
        harness.Migrate(() =>
        {
            if (++steps % 97 == 0)
                harness.CheckImage(harness.RolledBackImage(), isStill: false);
        });
        Assert.Equal(SchemePhase.Completed, harness.Run.Phase);
        Assert.False(harness.HasAnyFailed);
        byte[] there = harness.Destination.Contents(harness.Now);
        harness.CheckImage(there, isStill: true);
        Assert.Equal(there, harness.RolledBackImage());
    }

    public static void TheVmGoesOnAtTheSourceWhenTheDestinationIsLost(SchemeHarness harness, int stepsToDeath)
    {
        harness.Migrate(() =>
        {
            if (--stepsToDeath == 0)
                harness.Destination.Die();
        });
        if (harness.Run.Phase == SchemePhase.Completed)
            return;
        int answered = harness.Answered;
        while (harness.Answered < answered + 200)
            harness.Step();
        EndsAtTheSource(harness);
        Assert.False(harness.HasAnyFailed);
    }

    public static void TheVmGoesOnAtTheSourceWhenTheMigrationIsGivenUp(SchemeHarness harness, int stepsToEnd)
    {
        harness.Migrate(() =>
        {
            if (--stepsToEnd == 0)
                harness.Run.Abandon(harness.Now);
        });
        if (harness.Run.Phase == SchemePhase.Completed)
            return;
        for (int i = 0; i < 300; i++)
            harness.Step();
        EndsAtTheSource(harness);
    }

    /// <summary>
    /// The VM hears of a write that fails at the source, and its blocks are what they were or what was written; nothing else
    /// is lost, and the migration goes on.
    /// </summary>
    public static void WritesThatFailAtTheSourceCostNothingElse(SchemeHarness harness, int stepsBetween)
    {
        int steps = 0;
        harness.Migrate(() =>
        {
            if (++steps % stepsBetween == 0)
                harness.Source.FailNextWrite();
            if (steps % 97 == 0)
                harness.CheckImage(harness.RolledBackImage(), isStill: false);
        });
        Assert.Equal(SchemePhase.Completed, harness.Run.Phase);
        harness.CheckImage(harness.Destination.Contents(harness.Now), isStill: true);
    }

    private static void EndsAtTheSource(SchemeHarness harness)
    {
        harness.Drain();
        Assert.Equal(SchemePhase.RolledBack, harness.Run.Phase);
        harness.CheckImage(harness.Source.Contents(harness.Now), isStill: true);
    }
}
