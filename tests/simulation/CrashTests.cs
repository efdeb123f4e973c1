using System.Diagnostics;
using System.Globalization;
using Emulator.Ftl.Persistence;
using Xunit.Abstractions;

namespace Emulator.SimulationTests;

/// <summary>
/// Thousands of drives that lose their power. EMULATOR_SIM_RUNS says how many, EMULATOR_SIM_SEED runs one seed again.
/// </summary>
public class CrashTests(ITestOutputHelper output)
{
    private const int DefaultRuns = 2000;
    private const int MostRunsForDefect = 600;

    /// <summary>A machine that is busy with other things makes fewer runs; whoever says how many gets them all.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(90);

    [Fact]
    public void No_flushed_write_is_lost_and_no_stale_block_read_whenever_the_power_goes()
    {
        int wanted = (int)Setting("EMULATOR_SIM_RUNS", 0);
        ulong only = Setting("EMULATOR_SIM_SEED", 0);
        long started = Stopwatch.GetTimestamp();
        var total = new RunTotals();
        Parallel.For(0, only != 0 ? 1 : wanted != 0 ? wanted : DefaultRuns, (i, loop) =>
        {
            ulong seed = only != 0 ? only : (ulong)i + 1;
            if (wanted == 0 && Stopwatch.GetElapsedTime(started) > Budget)
                loop.Stop();
            else if (!total.Add(seed, trace: only != 0 ? output.WriteLine : null))
                loop.Stop();
        });
        output.WriteLine($"{total} in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        Assert.True(total.Failures.IsEmpty, string.Join('\n', total.Failures));
        Assert.True(only != 0 || total.PagesMoved > 10 * total.Runs, "the drives did not collect");
        Assert.True(only != 0 || total.Awaited > total.Runs, "no medium was synchronised in the background");
    }

    /// <summary>A superblock that recovery opened again, for want of another, was taken for one that had not changed.</summary>
    [Theory]
    [InlineData(18)]
    public void A_seed_that_failed_once_passes(ulong seed)
    {
        var total = new RunTotals();
        Assert.True(total.Add(seed, output.WriteLine), string.Join('\n', total.Failures));
    }

    [Theory]
    [InlineData(FtlDefects.TrimsUnrecorded)]
    [InlineData(FtlDefects.ErasesAtOnce)]
    [InlineData(FtlDefects.SequencesIgnored)]
    [InlineData(FtlDefects.ChecksumsIgnored)]
    [InlineData(FtlDefects.SyncsLeftOut)]
    [InlineData(FtlDefects.TrimsNotReplayed)]
    [InlineData(FtlDefects.ScanLeftOut)]
    [InlineData(FtlDefects.KeptUnrecorded)]
    [InlineData(FtlDefects.ReplacedNotKept)]
    [InlineData(FtlDefects.LateFlushesJoin)]
    [InlineData(FtlDefects.LateEmptiedJoin)]
    public void A_drive_that_leaves_out_a_step_is_caught(FtlDefects defect)
    {
        for (ulong seed = 1; seed <= MostRunsForDefect; seed++)
        {
            using var run = new CrashRun(seed, defect);
            if (run.Failure() is not { } failure)
                continue;
            output.WriteLine($"caught by seed {seed}: {failure}");
            return;
        }

        Assert.Fail($"{MostRunsForDefect} runs did not notice that {defect}");
    }

    private static ulong Setting(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out ulong value) ? value : otherwise;
}
