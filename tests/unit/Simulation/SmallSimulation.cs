using Emulator.Core;
using Emulator.Device;
using Emulator.Simulation;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

/// <summary>A drive, of 16 MiB if nothing else is said, with its simulator.</summary>
internal sealed class SmallSimulation : IDisposable
{
    private readonly Drive _drive;

    public SmallSimulation(int blockBytes = 4096)
        : this(new DriveOptions
        {
            CapacityBytes = 16 << 20,
            Namespaces = [new NamespaceOptions { BlockBytes = blockBytes }],
        })
    {
    }

    public SmallSimulation(DriveOptions options)
    {
        _drive = new Drive(options);
        Simulator = new Simulator(_drive);
    }

    public Simulator Simulator { get; }

    public WorkloadTarget Target(ulong seed = 1) =>
        new(Simulator.NamespaceBytes, Simulator.BlockBytes, Simulator.MostOutstanding, seed);

    /// <summary>Preconditions and runs a workload.</summary>
    public (RunRecorder Recorder, SimulationRun Run) Run(Workload workload, long limit = long.MaxValue)
    {
        using (workload)
        {
            var run = new SimulationRun(_drive, Simulator, workload);
            run.Precondition(poll: null);
            run.Measure(limit, poll: null);
            return (run.Recorder!, run);
        }
    }

    /// <summary>Runs a built-in workload on a drive of its own.</summary>
    public static RunRecorder RunOnce(string workload, ulong seed, long commands = 20_000)
    {
        using var simulation = new SmallSimulation();
        return simulation.Run(BuiltInWorkloads.Find(workload)!.On(simulation.Target(seed), commands)).Recorder;
    }

    public static IReadOnlyList<Request> Take(RequestSource source, int most = int.MaxValue)
    {
        var requests = new List<Request>();
        using (source)
        {
            while (requests.Count < most && source.TryNext(out Request request))
                requests.Add(request);
        }

        return requests;
    }

    public static SimDuration Microseconds(double microseconds) => new((long)(microseconds * 1000));

    public void Dispose()
    {
        Simulator.Dispose();
        _drive.Dispose();
    }
}
