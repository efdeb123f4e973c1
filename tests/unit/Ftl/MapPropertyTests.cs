using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Faults;
using Emulator.Flash.Physics;
using Emulator.Ftl;
using Emulator.Ftl.Superblocks;
using FsCheck;
using FsCheck.Fluent;

namespace Emulator.UnitTests.Ftl;

/// <summary>
/// Whatever is done to a translation layer of whatever kind, each page reads as what was written to it last. The layer and
/// what is done follow from numbers that FsCheck draws, and shrinks when they show a fault.
/// </summary>
public class MapPropertyTests
{
    private const int Pages = 512;
    private const int Runs = 60;

    [Fact]
    public void Every_page_reads_as_it_was_written_last()
    {
        Gen<Case> cases =
            from seed in Gen.Choose(1, int.MaxValue)
            from steps in Gen.Choose(1, 6000)
            from percent in Gen.Elements(0, 7, 28, 60)
            from streams in Gen.Choose(1, 6)
            from shape in Gen.Choose(0, 3)
            from costBenefit in Gen.Elements(true, false)
            from heat in Gen.Elements(true, false)
            from spread in Gen.Elements(0, 2, 10)
            from faults in Gen.Elements(0, 0, 1)
            select new Case(seed, steps, percent, streams, shape, costBenefit, heat, spread, faults);
        Config config = Config.QuickThrowOnFailure
            .WithMaxTest(Runs)
            .WithReplay(new Replay(new Rnd(20260101, 7), null));
        Prop.ForAll(Arb.From(cases, Shrink), Holds).Check(config);
    }

    private static IEnumerable<Case> Shrink(Case found)
    {
        if (found.Steps > 1)
            yield return found with { Steps = found.Steps / 2 };
        if (found.Steps > 1)
            yield return found with { Steps = found.Steps - 1 };
        if (found.Streams > 1)
            yield return found with { Streams = 1 };
        if (found.FaultsPerMille > 0)
            yield return found with { FaultsPerMille = 0 };
    }

    private static void Holds(Case drawn)
    {
        var random = new SeededRandom((ulong)drawn.Seed);
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, drawn.Percent + (drawn.FaultsPerMille * 40), new FlashGeometry
        {
            Channels = 1 + (drawn.Shape & 1),
            DiesPerChannel = 1,
            MapPagesPerFlashPage = 1 << drawn.Shape,
            IsMultiPlane = drawn.Shape == 2,
        });
        var physics = new FlashPhysics(geometry, CellType.Slc, timing: null, errors: null);
        var options = new FtlOptions
        {
            Victims = drawn.CostBenefit ? VictimPolicy.CostBenefit : VictimPolicy.Greedy,
            SeparatesHotAndCold = drawn.Heat,
            WearSpread = drawn.Spread,
            IdleCollection = SimDuration.FromMicroseconds(10),
        };
        using var rig = new FtlRig(Pages, geometry, options, physics);
        for (int i = 0; i < drawn.Steps; i++)
        {
            if (random.Below(1000) < drawn.FaultsPerMille)
                physics.Faults.FailPrograms(InjectedFaults.AnyDie, 1);
            Step(rig, random, drawn.Streams);
        }

        rig.Verify();
    }

    private static void Step(FtlRig rig, SeededRandom random, int streams)
    {
        int page = random.Chance(50) ? random.Below(Pages / 8) : random.Below(Pages);
        int stream = random.Below(streams);
        switch (random.Below(100))
        {
            case < 5:
                rig.Trim(page);
                break;
            case 5:
                rig.Ftl.Flush(rig.Now);
                break;
            case 6 when random.Chance(5):
                rig.Ftl.EraseStale(rig.Now);
                break;
            case < 10:
                rig.Now += SimDuration.FromMilliseconds(2);
                rig.Ftl.Advance(rig.Now);
                break;
            default:
                Assert.True(rig.Write(page, stream == 0 ? WriteStream.Host : WriteStream.Directive(stream)).IsSuccess);
                break;
        }
    }

    private sealed record Case(
        int Seed, int Steps, int Percent, int Streams, int Shape, bool CostBenefit, bool Heat, int Spread, int FaultsPerMille);
}
