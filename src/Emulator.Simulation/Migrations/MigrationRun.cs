using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;
using Emulator.Wire;

namespace Emulator.Simulation.Migrations;

/// <summary>
/// A VM runs, is moved with its storage to another drive while it runs, is paused for the rest, and goes on. The copy is in
/// the hands of <see cref="IVmCopy"/>; what is measured is what the VM notices.
/// </summary>
public sealed class MigrationRun : ICompanion, IDisposable
{
    private const string VmNqn = "nqn.2026-11.io.emulator:vm";
    internal const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";

    /// <summary>More than there are on any drive that is simulated, so that every list is whole.</summary>
    private const int MostRanges = 1 << 22;

    private readonly MigrationScenario _scenario;
    private readonly MemoryMedium? _medium;
    private readonly MemoryMedium? _mediumThere;
    private readonly Simulator _vm;
    private readonly Simulator _vmThere;
    private readonly VmManager _manager;
    private readonly VmManager _managerThere;
    private readonly SimulatedLink _link;
    private IVmCopy? _copy;
    private SimTime _halted = SimTime.Never;

    public MigrationRun(MigrationScenario scenario)
    {
        _scenario = scenario;
        _link = new SimulatedLink(scenario.LinkBytesPerSecond, scenario.LinkLatency);
        _mediumThere = MediumOf(scenario.Destination);
        Destination = new Drive(scenario.Destination with { Managers = [ManagerNqn], IsStandby = true }, _mediumThere);
        _medium = MediumOf(scenario.Source);
        var peers = new SimulatedPeerConnector(Destination, _link);
        Source = new Drive(scenario.Source with { Managers = [ManagerNqn], Peers = peers, MaxReportedRanges = MostRanges }, _medium);
        _vm = new Simulator(Source, VmNqn) { Companion = this };
        _vmThere = new Simulator(Destination, VmNqn);
        _manager = new VmManager(Source, ManagerNqn, _vm.ControllerId);
        _managerThere = new VmManager(Destination, ManagerNqn, _vmThere.ControllerId);
    }

    public Drive Source { get; }

    public Drive Destination { get; }

    /// <summary>What a workload has to know of the VM's namespace.</summary>
    private WorkloadTarget Target => new(_vm.NamespaceBytes, _vm.BlockBytes, _vm.MostOutstanding, _scenario.Seed);

    SimTime ICompanion.NextEvent => SimTime.Min(Destination.NextEvent, _copy?.NextEvent ?? SimTime.Never);

    void ICompanion.Advance(SimTime now)
    {
        if (now >= Destination.NextEvent)
            Destination.Advance(now);
        if (_copy == null || now < _copy.NextEvent)
            return;
        _copy.Advance(now);
        if (!_copy.IsConverged || _halted != SimTime.Never)
            return;
        _halted = now;
        _vm.Halt();
    }

    /// <param name="assist">What the drives do for it.</param>
    /// <param name="poll">Called now and then with the number of commands of the VM; may throw to end the run.</param>
    public MigrationReport Run(MigrationAssist assist, Action<long>? poll = null)
    {
        using Workload workload = _scenario.Workload.On(Target, long.MaxValue);
        new SimulationRun(Source, _vm, workload).Precondition(poll);
        GuestReport before = Measure(_scenario.Seed + 1, _scenario.Before, poll);

        SimTime begin = _vm.Now;
        long writtenBefore = _manager.ReadRanges(begin, LogPageId.VmWrittenRanges).Sum(range => range.Length);
        _managerThere.SetMigration(begin, VmMigrationFlags.Active | VmMigrationFlags.Destination);
        _manager.SetMigration(begin, VmMigrationFlags.Active | PoliciesOf(assist));
        var parts = new CopyParts(_scenario, assist, _manager, _managerThere, _link, Target.NamespaceBytes, _vmThere.ControllerId);
        using IVmCopy copy = _copy = (assist & MigrationAssist.DirectTransfer) != 0 ? new DirectCopy(parts) : new AssistedCopy(parts);
        _copy.Begin(begin);
        GuestReport during = Measure(_scenario.Seed + 2, runtime: null, poll);
        _manager.SetMigration(_vm.Now, VmMigrationFlags.Active | VmMigrationFlags.Halted | PoliciesOf(assist));
        SimTime moved = FinishWhilePaused();
        VmMigrationStatus status = _manager.ReadStatus(moved);
        moved = _managerThere.SetMigration(moved, VmMigrationFlags.Completed);
        _manager.SetMigration(moved, VmMigrationFlags.Completed);
        _copy = null;
        return new MigrationReport
        {
            Assist = assist,
            BytesWrittenBefore = writtenBefore,
            BytesMoved = copy.BytesMoved,
            Rounds = copy.Rounds,
            Brownout = _halted - begin,
            Blackout = moved - _halted,
            RetainedPagesRead = (long)(ulong)status.RetainedPagesRead,
            ReadsPrefetched = (long)(ulong)status.ReadsPrefetched,
            Before = before,
            During = during,
            After = GoOnThere(moved, poll),
        };
    }

    public void Dispose()
    {
        _vm.Dispose();
        _vmThere.Dispose();
        Source.Dispose();
        Destination.Dispose();
        _medium?.Dispose();
        _mediumThere?.Dispose();
    }

    /// <summary>Null for the drive's own, which keeps the contents of its pages.</summary>
    private MemoryMedium? MediumOf(DriveOptions drive) =>
        _scenario.KeepsContents ? null : new MemoryMedium(drive.EffectiveGeometry(), keepsData: false);

    private static VmMigrationFlags PoliciesOf(MigrationAssist assist) =>
        ((assist & MigrationAssist.Retention) == 0 ? VmMigrationFlags.NoRetention : 0)
        | ((assist & MigrationAssist.Prefetch) == 0 ? VmMigrationFlags.NoPrefetch | VmMigrationFlags.NoPriority : 0);

    private GuestReport? GoOnThere(SimTime now, Action<long>? poll)
    {
        if (_scenario.After == SimDuration.Zero)
            return null;
        _vmThere.Continue(now);
        return Measure(_scenario.Seed + 3, _scenario.After, poll, _vmThere);
    }

    private GuestReport Measure(ulong seed, SimDuration? runtime, Action<long>? poll, Simulator? vm = null)
    {
        vm ??= _vm;
        using Workload workload = _scenario.Workload.On(Target with { Seed = seed }, long.MaxValue);
        var recorder = new RunRecorder(vm.Now);
        vm.Run([.. workload.Jobs.Select(job => job with { Runtime = runtime })], recorder, poll: poll);
        Check.That(!recorder.Errors.Any());
        return GuestReport.Of(recorder);
    }

    /// <summary>The VM is paused, so that only the copy makes time go on.</summary>
    private SimTime FinishWhilePaused()
    {
        SimTime now = _vm.Now;
        _copy!.Finish(now);
        while (!_copy.IsDone)
        {
            SimTime next = SimTime.Min(SimTime.Min(Source.NextEvent, Destination.NextEvent), _copy.NextEvent);
            Check.That(next != SimTime.Never);
            now = SimTime.Max(now, next);
            if (now >= Source.NextEvent)
                Source.Advance(now);
            ((ICompanion)this).Advance(now);
        }

        return now;
    }
}
