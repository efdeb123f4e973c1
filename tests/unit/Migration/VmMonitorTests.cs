using Emulator.Migration;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Migration;

public sealed class VmMonitorTests : IDisposable
{
    private const VmMigrationFlags Source = Active;
    private const VmMigrationFlags Receive = Active | Destination;

    private readonly FakeEvents _events = new();
    private readonly VmMonitor _vm;

    public VmMonitorTests() => _vm = new VmMonitor(4096, _events);

    public void Dispose() => _vm.Dispose();

    [Theory]
    [InlineData(Halted)]
    [InlineData(Active | Completed)]
    [InlineData(Erase)]
    [InlineData(Active | Erase)]
    [InlineData(Active | Destination | Halted)]
    [InlineData(Completed | Erase | Destination)]
    [InlineData((VmMigrationFlags)0x40)]
    [InlineData((VmMigrationFlags)0x80)]
    [InlineData((VmMigrationFlags)0x800)]
    public void A_combination_that_makes_no_sense_is_an_invalid_field_and_changes_nothing(VmMigrationFlags requested)
    {
        Assert.Equal(Status.InvalidField, Set(requested | NoPrefetch));
        Assert.Equal(None, _vm.Flags);
    }

    [Theory]
    [InlineData(Source, Receive)]
    [InlineData(Receive, Source)]
    [InlineData(Source, Source | ClearWritten)]
    public void A_migration_that_is_active_is_busy_with_what_does_not_fit_it(VmMigrationFlags first, VmMigrationFlags second)
    {
        Apply(first);
        Assert.Equal(Status.MigrationBusy, Set(second));
        Assert.Equal(first, _vm.Flags);
    }

    [Fact]
    public void Nothing_can_complete_before_it_was_begun() => Assert.Equal(Status.MigrationNotActive, Set(Completed));

    [Theory]
    [InlineData(Source, Completed | ClearWritten)]
    [InlineData(Receive, Completed | Erase)]
    public void How_a_migration_may_complete_depends_on_its_role(VmMigrationFlags role, VmMigrationFlags completion)
    {
        Apply(role);
        Assert.Equal(Status.InvalidField, Set(completion));
        Assert.True(_vm.IsActive);
    }

    [Fact]
    public void Phases_follow_the_settings()
    {
        Assert.Equal(VmMigrationPhase.Idle, _vm.Phase);
        Apply(Source);
        Assert.Equal(VmMigrationPhase.Brownout, _vm.Phase);
        Apply(Source | Halted);
        Assert.Equal(VmMigrationPhase.Blackout, _vm.Phase);
        Apply(Source);
        Assert.Equal(VmMigrationPhase.Brownout, _vm.Phase);
        Apply(None);
        Assert.Equal(VmMigrationPhase.Idle, _vm.Phase);
        Apply(Receive);
        Assert.Equal(VmMigrationPhase.Receiving, _vm.Phase);
    }

    [Theory]
    [InlineData(Source)]
    [InlineData(Source | Halted | NoPrefetch | NoPriority)]
    [InlineData(Receive | NoRetention)]
    public void Get_returns_role_and_policies_as_they_were_set(VmMigrationFlags settings)
    {
        Apply(settings);
        Assert.Equal(settings, _vm.Flags);
    }

    [Fact]
    public void Completed_tells_of_the_last_migration_until_the_next_one_begins()
    {
        Apply(Source);
        Apply(Completed);
        Assert.Equal(Completed, _vm.Flags);
        Apply(None);
        Assert.Equal(Completed, _vm.Flags);
        Apply(Source);
        Assert.Equal(Source, _vm.Flags);
        Apply(None);
        Assert.Equal(None, _vm.Flags);
    }

    [Theory]
    [InlineData(VmResidence.Here, new[] { Source })]
    [InlineData(VmResidence.MovedAway, new[] { Source | Halted })]
    [InlineData(VmResidence.Here, new[] { Source | Halted, Source })]
    [InlineData(VmResidence.MovedAway, new[] { Source, Completed })]
    [InlineData(VmResidence.Here, new[] { Source, Completed, ClearWritten })]
    [InlineData(VmResidence.NeverArrived, new[] { Receive })]
    [InlineData(VmResidence.NeverArrived, new[] { Receive, None })]
    [InlineData(VmResidence.Here, new[] { Receive, Completed })]
    public void Without_power_a_VM_is_taken_to_be_where_it_could_be_last(VmResidence residence, VmMigrationFlags[] steps)
    {
        foreach (VmMigrationFlags step in steps)
            Apply(step);
        Assert.Equal(residence, _vm.LastingResidence);
    }

    [Fact]
    public void One_that_fills_itself_is_here_all_the_time()
    {
        Assert.Equal(Status.Success, _vm.Set(Receive, VendorCommandSet.KeepThreshold, hostIsOwnManager: true));
        Assert.Equal(VmResidence.Here, _vm.LastingResidence);
    }

    [Fact]
    public void One_that_has_to_arrive_first_is_fenced_and_can_be_forgotten_for_what_it_is()
    {
        using var vm = new VmMonitor(4096, _events, VmResidence.NeverArrived);
        Assert.Equal((true, true), (vm.IsFenced, vm.IsIdle));
        Assert.Equal(Status.Success, vm.Set(Receive, VendorCommandSet.KeepThreshold, hostIsOwnManager: false));
        Assert.Equal(Status.Success, vm.Set(Completed, VendorCommandSet.KeepThreshold, hostIsOwnManager: false));
        Assert.Equal((false, false), (vm.IsFenced, vm.IsIdle));
    }

    [Theory]
    [InlineData(false, new[] { Source })]
    [InlineData(true, new[] { Source | Halted })]
    [InlineData(false, new[] { Source | Halted, Source })]
    [InlineData(false, new[] { Source | Halted, None })]
    [InlineData(true, new[] { Source | Halted, Completed })]
    [InlineData(true, new[] { Source, Completed })]
    [InlineData(true, new[] { Source, Completed, None })]
    [InlineData(false, new[] { Source, Completed, ClearWritten })]
    [InlineData(false, new[] { Source, Completed, Source })]
    [InlineData(true, new[] { Source, Completed, Receive })]
    [InlineData(false, new[] { Source, Completed, Receive, Completed })]
    [InlineData(true, new[] { Receive })]
    [InlineData(false, new[] { Receive, Completed })]
    [InlineData(true, new[] { Receive, None })]
    [InlineData(true, new[] { Receive, None, Source })]
    [InlineData(true, new[] { Receive, None, Source, None })]
    [InlineData(false, new[] { Receive, None, ClearWritten })]
    [InlineData(false, new[] { Receive, None, Receive, Completed })]
    public void The_fence_is_up_while_the_VM_does_not_run_here(bool fenced, VmMigrationFlags[] steps)
    {
        foreach (VmMigrationFlags step in steps)
            Apply(step);
        Assert.Equal(fenced, _vm.IsFenced);
    }

    [Theory]
    [InlineData(new[] { Receive })]
    [InlineData(new[] { Receive, None })]
    [InlineData(new[] { Receive, Completed })]
    public void A_host_that_fills_its_own_namespaces_is_not_fenced_at_the_destination(VmMigrationFlags[] steps)
    {
        foreach (VmMigrationFlags step in steps)
            Assert.Equal(Status.Success, _vm.Set(step, VendorCommandSet.KeepThreshold, hostIsOwnManager: true));
        Assert.False(_vm.IsFenced);
    }

    [Fact]
    public void Each_granule_counts_once_against_the_threshold_and_crossing_it_is_told_once()
    {
        ChangeTracker tracker = _vm.Track(new FakeNamespace(1, 100));
        _vm.Set(None, 3, hostIsOwnManager: true);
        tracker.Record(0, 2, _vm);
        tracker.Record(0, 2, _vm);
        tracker.Record(1, 2, _vm);
        Assert.Equal(3ul, _vm.GranulesWritten);
        Assert.Equal((false, 0), (_vm.IsThresholdExceeded, _events.ThresholdCrossings));

        tracker.Record(50, 1, _vm);
        tracker.Record(60, 10, _vm);
        Assert.Equal((true, 1), (_vm.IsThresholdExceeded, _events.ThresholdCrossings));
        Assert.Equal(14ul, _vm.GranulesWritten);
        Assert.Equal(ThresholdExceeded, _vm.Flags);
    }

    [Fact]
    public void A_new_threshold_is_compared_with_what_was_written_before()
    {
        ChangeTracker tracker = _vm.Track(new FakeNamespace(1, 100));
        tracker.Record(0, 10, _vm);
        _vm.Set(None, 9, hostIsOwnManager: true);
        Assert.Equal((true, 1), (_vm.IsThresholdExceeded, _events.ThresholdCrossings));
        _vm.Set(None, VendorCommandSet.KeepThreshold, hostIsOwnManager: true);
        Assert.Equal((9u, true), (_vm.Threshold, _vm.IsThresholdExceeded));
        _vm.Set(None, 10, hostIsOwnManager: true);
        Assert.False(_vm.IsThresholdExceeded);
        _vm.Set(None, 1, hostIsOwnManager: true);
        _vm.Set(None, 0, hostIsOwnManager: true);
        Assert.False(_vm.IsThresholdExceeded);
    }

    [Fact]
    public void Clear_written_forgets_what_was_written_and_that_the_threshold_was_exceeded()
    {
        ChangeTracker tracker = _vm.Track(new FakeNamespace(1, 100));
        _vm.Set(None, 5, hostIsOwnManager: true);
        tracker.Record(0, 10, _vm);
        Apply(ClearWritten);
        Assert.Equal((0ul, false, 5u), (_vm.GranulesWritten, _vm.IsThresholdExceeded, _vm.Threshold));
        tracker.Record(0, 10, _vm);
        Assert.Equal(2, _events.ThresholdCrossings);
    }

    [Fact]
    public void The_life_of_a_VM_holds_its_own_writes_and_those_of_the_drive_but_not_those_of_others()
    {
        using var other = new VmMonitor(4096, _events);
        ChangeTracker tracker = _vm.Track(new FakeNamespace(1, 100));
        tracker.Record(0, 1, _vm);
        tracker.Record(10, 1, writer: null);
        tracker.Record(20, 1, other);
        Assert.Equal(2ul, _vm.GranulesWritten);
    }

    [Fact]
    public void A_round_holds_the_changes_of_everybody()
    {
        using var other = new VmMonitor(4096, _events);
        ChangeTracker tracker = _vm.Track(new FakeNamespace(1, 100));
        tracker.Record(5, 1, _vm);
        Apply(Source);
        tracker.Record(0, 1, _vm);
        tracker.Record(10, 1, writer: null);
        tracker.Record(20, 1, other);
        Assert.Equal(3ul, _vm.GranulesDirty);
        Apply(None);
        Assert.Equal(0ul, _vm.GranulesDirty);
    }

    private void Apply(VmMigrationFlags requested) => Assert.Equal(Status.Success, Set(requested));

    private Status Set(VmMigrationFlags requested) =>
        _vm.Set(requested, VendorCommandSet.KeepThreshold, hostIsOwnManager: false);
}
