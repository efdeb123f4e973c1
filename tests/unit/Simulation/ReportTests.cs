using System.Text.Json;
using System.Xml.Linq;
using Emulator.Core;
using Emulator.Simulation.Plots;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

public class ReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_json_has_what_its_readers_rely_on()
    {
        using JsonDocument document = JsonDocument.Parse(Report(SmallSimulation.RunOnce("mixed", 1)).ToJson());
        JsonElement root = document.RootElement;

        Assert.Equal(16, root.GetProperty("traceHash").GetString()!.Length);
        Assert.Equal(20_000, root.GetProperty("commands").GetInt64());
        foreach (string name in new[] { "wallSeconds", "simulatedSeconds", "writeAmplification", "seed" })
            Assert.Equal(JsonValueKind.Number, root.GetProperty(name).ValueKind);
        foreach (string name in new[] { "mean", "p50", "p99", "p999" })
        {
            Assert.Equal(JsonValueKind.Number, root.GetProperty("latencyUs").GetProperty(name).ValueKind);
            Assert.Equal(JsonValueKind.Number, root.GetProperty("latencyUs").GetProperty("reads").GetProperty(name).ValueKind);
        }

        Assert.False(root.GetProperty("latencyUs").TryGetProperty("flushes", out _));
        Assert.Equal("sequential", root.GetProperty("precondition").GetProperty("kind").GetString());
        Assert.Equal(0, root.GetProperty("errors").GetProperty("total").GetInt64());
    }

    [Fact]
    public void Intervals_are_put_together_when_a_run_is_longer_than_they_reach()
    {
        var series = new IntervalSeries(SimTime.Zero);
        var random = new SeededRandom(5);
        const int commands = 100_000;
        for (int i = 0; i < commands; i++)
            series.Record(new SimTime(i * 10_000L), SmallSimulation.Microseconds(100 + random.Below(100)), 4096);

        Assert.InRange(series.Count, IntervalSeries.Capacity / 2, IntervalSeries.Capacity);
        double seconds = series.Width.Nanoseconds / 1e9;
        IntervalPoint[] points = [.. Enumerable.Range(0, series.Count).Select(i => series[i])];
        Assert.Equal(commands, points.Sum(point => point.CommandsPerSecond * seconds), 0.5);
        Assert.All(points[..^1], point =>
        {
            Assert.Equal(100_000, point.CommandsPerSecond, 1_000.0);
            Assert.InRange(point.MeanMicroseconds!.Value, 140, 160);
            Assert.InRange(point.P99Microseconds!.Value, 195 * 0.97, 200 * 1.03);
        });
    }

    [Fact]
    public void A_plot_has_axes_with_units_a_legend_and_curves()
    {
        var recorder = new RunRecorder(SimTime.Zero);
        for (int i = 0; i < 10_000; i++)
            recorder.Series.Record(new SimTime(i * 20_000L), SmallSimulation.Microseconds(80 + (i % 100 == 0 && i / 700 % 3 != 0 ? 3_000 : i % 7)), 4096);
        SimulationReport report = Report(recorder) with { SimulatedSeconds = 0.2, Workload = "a<b" };

        XDocument plot = XDocument.Parse(LatencyPlot.Draw(recorder.Series, report));

        string[] texts = [.. plot.Descendants(Svg + "text").Select(text => text.Value)];
        Assert.Contains("a<b on none", texts);
        Assert.Contains("virtual time, ms", texts);
        Assert.Contains("latency, us", texts);
        Assert.Contains("mean", texts);
        Assert.Contains("99th percentile", texts);
        Assert.Contains("thousand commands/s", texts);
        Assert.Equal(3, plot.Descendants(Svg + "polyline").Count());
        Assert.DoesNotContain("NaN", plot.ToString());
    }

    [Fact]
    public void A_plot_of_a_run_that_took_no_time_says_so()
    {
        RunRecorder recorder = SmallSimulation.RunOnce("mixed", 1);

        XDocument plot = XDocument.Parse(LatencyPlot.Draw(recorder.Series, Report(recorder)));

        Assert.Contains(plot.Descendants(Svg + "text"), text => text.Value.StartsWith("No virtual time passed", StringComparison.Ordinal));
    }

    private static SimulationReport Report(RunRecorder recorder) => new()
    {
        Profile = "none",
        Workload = "mixed",
        Seed = 1,
        CapacityBytes = 16 << 20,
        BlockBytes = 4096,
        TraceHash = recorder.Hash,
        Commands = recorder.Latencies.Count,
        WallSeconds = 1,
        SimulatedSeconds = 0,
        Precondition = new PreconditionReport(Precondition.Sequential, 1, 1, 0, null),
        LatencyUs = new OverallLatency(recorder),
        Throughput = ThroughputReport.Of(recorder, 1),
        WriteAmplification = 1,
        Errors = ErrorReport.Of(recorder),
        Ftl = new Dictionary<string, long>(),
        Wear = new WearReport(0, 100, 0),
    };
}
