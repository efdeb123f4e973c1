using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// Random workloads over two devices that complete in any order, and failures at random instants: the VM reads what it
/// wrote, the side that a scheme promises can be gone back to at every moment, and both sides are equal at the end.
/// A failed case prints its seed.
/// </summary>
public class SchemePropertyTests
{
    private const int Seeds = 8;

    private static readonly SchemeKind[] Kinds =
    [
        SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring, SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy,
        SchemeKind.AsynchronousMirroring, SchemeKind.Assist,
    ];

    public static TheoryData<SchemeKind, FakeMedia, FakeMedia> Cases()
    {
        var cases = new TheoryData<SchemeKind, FakeMedia, FakeMedia>();
        foreach (SchemeKind kind in Kinds)
        {
            foreach (FakeMedia source in Enum.GetValues<FakeMedia>())
            {
                foreach (FakeMedia destination in Enum.GetValues<FakeMedia>())
                    cases.Add(kind, source, destination);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_destination_has_everything_at_the_end_and_so_has_the_source(SchemeKind kind, FakeMedia source, FakeMedia destination)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            using var harness = new SchemeHarness(seed, OptionsOf(kind, seed), source, destination);
            int steps = 0;
            harness.Migrate(() =>
            {
                if (++steps % 97 == 0)
                    harness.CheckImage(harness.RolledBackImage(), isStill: false);
            });
            Assert.Equal(SchemePhase.Completed, harness.Run.Phase);
            Assert.False(harness.HasAnyFailed);
            harness.CheckImage(harness.Destination.Contents, isStill: true);
            Assert.Equal(harness.Destination.Contents, harness.RolledBackImage());
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_VM_goes_on_at_the_source_when_the_destination_is_lost(SchemeKind kind, FakeMedia source, FakeMedia destination)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            using var harness = new SchemeHarness(seed, OptionsOf(kind, seed), source, destination);
            int stepsToDeath = 5 + new SeededRandom(seed ^ 0x5EED).Below(400);
            harness.Migrate(() =>
            {
                if (--stepsToDeath == 0)
                    harness.Destination.Die();
            });
            if (harness.Run.Phase == SchemePhase.Completed)
                continue;
            int answered = harness.Answered;
            while (harness.Answered < answered + 200)
                harness.Step();
            harness.Drain();
            Assert.Equal(SchemePhase.RolledBack, harness.Run.Phase);
            Assert.False(harness.HasAnyFailed, $"seed {seed}");
            harness.CheckImage(harness.Source.Contents, isStill: true);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operator_can_give_up_at_any_moment(SchemeKind kind, FakeMedia source, FakeMedia destination)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            using var harness = new SchemeHarness(seed, OptionsOf(kind, seed), source, destination);
            int steps = 5 + new SeededRandom(seed ^ 0xAB).Below(300);
            harness.Migrate(() =>
            {
                if (--steps == 0)
                    harness.Run.Abandon(harness.Now);
            });
            if (harness.Run.Phase == SchemePhase.Completed)
                continue;
            for (int i = 0; i < 300; i++)
                harness.Step();
            harness.Drain();
            Assert.Equal(SchemePhase.RolledBack, harness.Run.Phase);
            harness.CheckImage(harness.Source.Contents, isStill: true);
        }
    }

    private static SchemeOptions OptionsOf(SchemeKind kind, ulong seed) => new()
    {
        Kind = kind,
        CopyBytes = 4096 << (int)(seed % 3),
        CopyDepth = 1 + (int)(seed % 4),
        ReadThroughBytes = (int)(seed % 3) << 11,
        PendingThreshold = (int)(seed % 5) * 2,
        ConvergedBytes = 4096,
        MostRounds = 6,
        FallBack = seed % 2 == 0 ? DirtyFallBack.Mirror : DirtyFallBack.Pause,
    };
}
