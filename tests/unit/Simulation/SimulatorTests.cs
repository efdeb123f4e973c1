using Emulator.Core;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

public class SimulatorTests
{
    public static TheoryData<string> BuiltIns => [.. BuiltInWorkloads.All.Select(entry => entry.Workload.Name)];

    [Theory]
    [MemberData(nameof(BuiltIns))]
    public void A_built_in_workload_runs_without_an_error_and_the_same_seed_gives_the_same_hash(string workload)
    {
        RunRecorder first = SmallSimulation.RunOnce(workload, seed: 7);
        RunRecorder second = SmallSimulation.RunOnce(workload, seed: 7);

        Assert.Empty(first.Errors);
        Assert.Equal(20_000, first.Latencies.Count);
        Assert.Equal(first.Hash, second.Hash);
    }

    [Fact]
    public void Another_seed_gives_another_hash() =>
        Assert.NotEqual(SmallSimulation.RunOnce("mixed", seed: 7).Hash, SmallSimulation.RunOnce("mixed", seed: 8).Hash);

    [Fact]
    public void The_hash_depends_on_every_command() =>
        Assert.NotEqual(
            SmallSimulation.RunOnce("mixed", seed: 7, commands: 20_000).Hash,
            SmallSimulation.RunOnce("mixed", seed: 7, commands: 19_999).Hash);

    [Fact]
    public void A_limit_ends_a_workload_before_its_end()
    {
        using var simulation = new SmallSimulation();

        RunRecorder recorder = simulation.Run(BuiltInWorkloads.Find("mixed")!.On(simulation.Target(), 5_000), limit: 1_234).Recorder;

        Assert.Equal(1_234, recorder.Latencies.Count);
    }

    [Fact]
    public void Requests_that_arrive_at_a_rate_take_the_time_that_the_rate_says()
    {
        using var simulation = new SmallSimulation();
        SyntheticWorkload workload = BuiltInWorkloads.Find("randread")! with { Rate = 1_000, IsEvenlySpaced = true };

        RunRecorder recorder = simulation.Run(workload.On(simulation.Target(), 2_001)).Recorder;

        Assert.Equal(SimDuration.FromSeconds(2), recorder.End - recorder.Begin);
    }

    [Fact]
    public void A_request_longer_than_a_transfer_becomes_several_commands()
    {
        using var simulation = new SmallSimulation();
        SyntheticWorkload workload = BuiltInWorkloads.Find("seqwrite")! with { Sizes = [(2 << 20, 1)] };

        (RunRecorder recorder, _) = simulation.Run(workload.On(simulation.Target(), 3));

        Assert.Equal(3 * 4, recorder.Latencies.Count);
        Assert.Equal(3 * (2 << 20), recorder.BytesOf(RequestKind.Write));
        Assert.Empty(recorder.Errors);
    }

    [Fact]
    public void A_stage_begins_when_the_one_before_it_is_through()
    {
        using var simulation = new SmallSimulation();
        JobPlan first = Job(stage: 0, rate: 1_000, requests: 1_001);
        JobPlan second = Job(stage: 1, rate: 2_000, requests: 1_001);

        SimTime begin = simulation.Simulator.Now;
        simulation.Simulator.Run([first, second], recorder: null);

        Assert.Equal(SimDuration.FromMilliseconds(1_500), simulation.Simulator.Now - begin);
    }

    [Fact]
    public void A_job_submits_nothing_after_its_time()
    {
        using var simulation = new SmallSimulation();
        var recorder = new RunRecorder(SimTime.Zero);

        simulation.Simulator.Run([Job(0, rate: 1_000, requests: 5_000) with { Runtime = SimDuration.FromSeconds(1) }], recorder);

        Assert.Equal(1_000, recorder.Latencies.Count);
    }

    [Fact]
    public void Overwriting_to_steady_state_makes_the_collector_work()
    {
        using var simulation = new SmallSimulation();

        (_, var run) = simulation.Run(BuiltInWorkloads.Find("steady-write")!.On(simulation.Target(), 20_000));

        Assert.True(run.IsSteady);
        Assert.InRange(run.FtlCounters.WriteAmplification, 1.1, 20);
        // What is overwritten while it is in the cache is not programmed.
        Assert.InRange(run.FtlCounters.HostPagesWritten, 19_000, 20_000);
    }

    [Fact]
    public void A_command_allocates_nothing()
    {
        using var simulation = new SmallSimulation();
        var recorder = new RunRecorder(SimTime.Zero);
        SyntheticWorkload workload = BuiltInWorkloads.Find("oltp")! with { Rate = 100_000, Trim = 5 };
        simulation.Simulator.Run(workload.On(simulation.Target(), 10_000).Jobs, recorder);
        using Workload measured = workload.On(simulation.Target(), 50_000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        simulation.Simulator.Run(measured.Jobs, recorder);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // What a run sets up, whatever its length.
        Assert.InRange(allocated, 0, 20_000);
    }

    private static JobPlan Job(int stage, double rate, long requests) => new()
    {
        Name = "job",
        Depth = 4,
        Stage = stage,
        Source = new SyntheticSource(new SyntheticOptions { Bytes = 1 << 20, Rate = rate, RequestLimit = requests }),
    };
}
