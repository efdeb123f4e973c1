using Emulator.Core;
using Emulator.Migration;
using Emulator.UnitTests.Migration.Schemes;

namespace Emulator.UnitTests.Simulation.Schemes;

/// <summary>
/// The properties of the schemes between modelled drives with contents: random workloads over caches, flash and platters, and
/// failures at random instants. A failed case prints its seed.
/// </summary>
public class ModelledSchemePropertyTests
{
    private const int Seeds = 3;
    private const int Blocks = 256;

    private static readonly string[] Media = ["mlc-sata", "hdd-7200"];

    public static TheoryData<SchemeKind, string, string> Cases() => CasesOf(SchemeProperties.Kinds);

    /// <summary>AIO has promised nothing of a write that the destination alone has completed.</summary>
    public static TheoryData<SchemeKind, string, string> CasesButAio() =>
        CasesOf(SchemeProperties.Kinds.Where(kind => kind != SchemeKind.AsynchronousMirroring));

    private static TheoryData<SchemeKind, string, string> CasesOf(IEnumerable<SchemeKind> kinds)
    {
        var cases = new TheoryData<SchemeKind, string, string>();
        foreach (SchemeKind kind in kinds)
        {
            foreach (string source in Media)
            {
                foreach (string destination in Media)
                    cases.Add(kind, source, destination);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_destination_has_everything_at_the_end_and_so_has_the_source(SchemeKind kind, string source, string destination) =>
        ForEachSeed(kind, source, destination, (harness, _) => SchemeProperties.BothSidesAreEqualAtTheEnd(harness));

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_VM_goes_on_at_the_source_when_the_destination_is_lost(SchemeKind kind, string source, string destination) =>
        ForEachSeed(kind, source, destination, (harness, seed) =>
            SchemeProperties.TheVmGoesOnAtTheSourceWhenTheDestinationIsLost(harness, 5 + new SeededRandom(seed ^ 0x5EED).Below(300)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operator_can_give_up_at_any_moment(SchemeKind kind, string source, string destination) =>
        ForEachSeed(kind, source, destination, (harness, seed) =>
            SchemeProperties.TheVmGoesOnAtTheSourceWhenTheMigrationIsGivenUp(harness, 5 + new SeededRandom(seed ^ 0xAB).Below(300)));

    [Theory]
    [MemberData(nameof(CasesButAio))]
    public void A_write_that_fails_at_the_source_costs_nothing_else(SchemeKind kind, string source, string destination) =>
        ForEachSeed(kind, source, destination, (harness, seed) =>
            SchemeProperties.WritesThatFailAtTheSourceCostNothingElse(harness, 20 + new SeededRandom(seed ^ 0xFA).Below(100)));

    /// <summary>With assist the source is half written, and the destination is new: it has nothing of what was never written.</summary>
    private static void ForEachSeed(SchemeKind kind, string source, string destination, Action<SchemeHarness, ulong> check)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var from = new ModelledDevice(source, Blocks, kind == SchemeKind.Assist);
            var to = new ModelledDevice(destination, Blocks);
            SchemeOptions options = SchemeProperties.OptionsOf(kind, seed, 1 << from.BlockShift);
            if (kind == SchemeKind.Assist)
                options = options with { Written = from.WriteSome(8) };
            else
                to.Scribble(new SeededRandom(~seed));
            using var harness = new SchemeHarness(
                $"seed {seed}, {kind}, {source} to {destination}", new SeededRandom(seed), options, from, to);
            check(harness, seed);
        }
    }
}
