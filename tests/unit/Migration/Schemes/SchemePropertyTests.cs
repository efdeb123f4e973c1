using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

/// <summary>
/// Random workloads over two devices that complete in any order, and failures at random instants. A failed case prints its seed.
/// </summary>
public class SchemePropertyTests
{
    private const int Seeds = 8;
    private const int Blocks = 512;

    public static TheoryData<SchemeKind, FakeMedia, FakeMedia> Cases() => CasesOf(SchemeProperties.Kinds);

    /// <summary>AIO has promised nothing of a write that the destination alone has completed.</summary>
    public static TheoryData<SchemeKind, FakeMedia, FakeMedia> CasesButAio() =>
        CasesOf(SchemeProperties.Kinds.Where(kind => kind != SchemeKind.AsynchronousMirroring));

    private static TheoryData<SchemeKind, FakeMedia, FakeMedia> CasesOf(IEnumerable<SchemeKind> kinds)
    {
        var cases = new TheoryData<SchemeKind, FakeMedia, FakeMedia>();
        foreach (SchemeKind kind in kinds)
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
    public void The_destination_has_everything_at_the_end_and_so_has_the_source(SchemeKind kind, FakeMedia source, FakeMedia destination) =>
        ForEachSeed(kind, source, destination, (harness, _) => SchemeProperties.BothSidesAreEqualAtTheEnd(harness));

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_VM_goes_on_at_the_source_when_the_destination_is_lost(SchemeKind kind, FakeMedia source, FakeMedia destination) =>
        ForEachSeed(kind, source, destination, (harness, seed) =>
            SchemeProperties.TheVmGoesOnAtTheSourceWhenTheDestinationIsLost(harness, 5 + new SeededRandom(seed ^ 0x5EED).Below(400)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operator_can_give_up_at_any_moment(SchemeKind kind, FakeMedia source, FakeMedia destination) =>
        ForEachSeed(kind, source, destination, (harness, seed) =>
            SchemeProperties.TheVmGoesOnAtTheSourceWhenTheMigrationIsGivenUp(harness, 5 + new SeededRandom(seed ^ 0xAB).Below(300)));

    [Theory]
    [MemberData(nameof(CasesButAio))]
    public void A_write_that_fails_at_the_source_costs_nothing_else(SchemeKind kind, FakeMedia source, FakeMedia destination) =>
        ForEachSeed(kind, source, destination, (harness, seed) =>
            SchemeProperties.WritesThatFailAtTheSourceCostNothingElse(harness, 20 + new SeededRandom(seed ^ 0xFA).Below(100)));

    private static void ForEachSeed(SchemeKind kind, FakeMedia source, FakeMedia destination, Action<SchemeHarness, ulong> check)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var random = new SeededRandom(seed);
            var there = new FakeDevice(random, destination, Blocks);
            new SeededRandom(~seed).Fill(there.Blocks);
            using var harness = new SchemeHarness(
                $"seed {seed}, {kind}, {source} to {destination}", random,
                SchemeProperties.OptionsOf(kind, seed, 1 << FakeDevice.Shift), new FakeDevice(random, source, Blocks), there);
            check(harness, seed);
        }
    }
}
