using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>Direct transfer between two drives in virtual time.</summary>
public sealed class DirectTransferTests
{
    public static TheoryData<DirectTransferMode> Modes =>
        [DirectTransferMode.WholeCapacity, DirectTransferMode.WrittenRanges];

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_halted_vm_is_at_the_destination_byte_by_byte(DirectTransferMode mode)
    {
        using var rig = new TransferRig();
        var writer = new RandomWriter(rig.Vm, new SeededRandom(1));
        for (int i = 0; i < 50; i++)
            writer.Change();
        rig.Activate();

        rig.Start(rig.Request(mode));
        rig.RunUntil(DirectTransferPhase.Converged);
        for (int i = 0; i < 50; i++)
            writer.Change();
        rig.HaltAndFinish();
        rig.RunUntil(DirectTransferPhase.Done);

        rig.AssertSame();
        DirectTransferProgress progress = rig.Progress;
        Assert.Equal(0UL, progress.BytesToDo.Value);
        Assert.Equal(0UL, progress.BytesDirty.Value);
        Assert.Equal(2UL, progress.Round.Value);
        Assert.True(progress.BytesSent > 0 && progress.BytesZeroed > 0);
        Assert.Equal("", rig.Text);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(20, false)]
    public void Rounds_that_do_not_get_smaller_take_a_larger_share_unless_it_was_named(byte share, bool converges)
    {
        using var rig = new TransferRig();
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        request.SharePercent = share;
        request.ConvergedBytes = 1 << 20;
        rig.Start(request);

        // A write to a random block of 8 MiB every 10 us, so that at a share of 20% a round leaves about two thirds of them dirty, for ever.
        var random = new SeededRandom(1);
        for (int i = 0; i < 30_000 && rig.Phase != DirectTransferPhase.Converged; i++)
        {
            rig.Vm.Write((ulong)random.Below(2048), 1);
            rig.Run(SimDuration.FromMicroseconds(10));
        }

        Assert.Equal(converges, rig.Phase == DirectTransferPhase.Converged);
        Assert.True(rig.Progress.Round > 2);
    }

    [Fact]
    public void Written_ranges_move_less_than_the_whole_capacity()
    {
        using var rig = new TransferRig();
        rig.Vm.Write(100, 4);
        rig.Activate();
        rig.Start(rig.Request(DirectTransferMode.WrittenRanges));
        rig.RunUntil(DirectTransferPhase.Converged);

        Assert.Equal(4UL * TransferRig.BlockBytes, rig.Progress.FirstPassBytes.Value);
        Assert.Equal(4UL * TransferRig.BlockBytes, rig.Progress.BytesSent.Value);
        rig.AssertSame();
    }

    [Fact]
    public void What_the_destination_held_before_does_not_shine_through()
    {
        using var rig = new TransferRig();
        byte[] old = new byte[16 * TransferRig.BlockBytes];
        old.AsSpan().Fill(0xEE);
        TestHost.AssertStatus(Status.Success, rig.VmThere.Transfer(IoOpcode.Write, 500, 16, old));
        rig.Vm.Write(504, 2);
        rig.Activate();
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Converged);

        rig.AssertSame();
    }

    [Fact]
    public void A_delta_moves_what_changed_since_the_snapshot()
    {
        using var rig = new TransferRig(changeSource: options => options with { CapacityBytes = 64 << 20 });
        rig.Vm.Write(0, 64);
        rig.Activate();
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.Manager.SetMigration(VmMigrationFlags.None, target: rig.Target);
        var snapshot = (ushort)rig.Manager.CreateSnapshot();
        rig.Vm.Write(100, 4);
        TestHost.AssertStatus(Status.Success, rig.Vm.Transfer(IoOpcode.WriteZeroes, 8, 8, []));

        rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
        DirectTransferRequest request = rig.Request(DirectTransferMode.SnapshotDelta);
        request.Snapshot = snapshot;
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Converged);

        rig.AssertSame();
        // The other namespace is not of the snapshot: it is moved whole, and holds nothing.
        Assert.Equal((12UL * TransferRig.BlockBytes) + (2 << 20), rig.Progress.FirstPassBytes.Value);
        Assert.Equal(4UL * TransferRig.BlockBytes, rig.Progress.BytesSent.Value);
    }

    [Fact]
    public void By_checksums_only_ranges_that_differ_are_moved()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 10_000_000);
        byte[] data = new byte[128 * TransferRig.BlockBytes];
        new SeededRandom(5).Fill(data);
        TestHost.AssertStatus(Status.Success, rig.Vm.Transfer(IoOpcode.Write, 0, 128, data));
        TestHost.AssertStatus(Status.Success, rig.VmThere.Transfer(IoOpcode.Write, 0, 128, data));
        rig.Vm.Write(3, 1);
        rig.Vm.Write(50, 1);
        TestHost.AssertStatus(Status.Success, rig.VmThere.Transfer(IoOpcode.Write, 1000, 1, data.AsSpan(0, TransferRig.BlockBytes).ToArray()));
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.Checksums);
        request.ChecksumShift = 3;
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Comparing);
        rig.RunUntil(DirectTransferPhase.Converged);

        rig.AssertSame();
        const ulong range = 8 * TransferRig.BlockBytes;
        Assert.Equal((10UL << 20) - (3 * range), rig.Progress.BytesEqual.Value);
        Assert.Equal((2 * range, range), (rig.Progress.BytesSent.Value, rig.Progress.BytesZeroed.Value));
        Assert.Equal(10UL << 20, rig.Progress.FirstPassBytes.Value);
    }

    [Fact]
    public void What_was_compared_is_not_compared_again_after_a_lost_connection()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 100_000);
        TestHost.AssertStatus(Status.Success, rig.VmThere.Transfer(IoOpcode.Write, 7, 1, new byte[TransferRig.BlockBytes]));
        rig.Vm.Write(2000, 1);
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.Checksums);
        (request.ChecksumShift, request.Flags) = (1, (uint)DirectTransferFlags.NoState);
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Comparing);
        rig.Run(SimDuration.FromMilliseconds(150));
        ulong compared = rig.Progress.BytesDone;
        Assert.InRange(compared, 1UL, (10UL << 20) - 1);
        rig.Link.Cut();
        rig.Run(SimDuration.FromSeconds(11));
        Assert.Equal(DirectTransferPhase.Reconnecting, rig.Phase);
        rig.Link.Restore();
        rig.RunUntil(DirectTransferPhase.Comparing);
        Assert.InRange(rig.Progress.BytesDone.Value, compared, (10UL << 20) - 1);
        rig.RunUntil(DirectTransferPhase.Converged);

        rig.AssertSame();
        Assert.Equal(DirectTransferReason.ConnectionLost, rig.Reason);
    }

    [Fact]
    public void Cancel_while_comparing_leaves_dirty_what_is_not_known_to_be_there()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 100_000);
        rig.Vm.Write(2000, 1);
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.Checksums);
        (request.ChecksumShift, request.Flags) = (1, (uint)DirectTransferFlags.NoState);
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Comparing);
        rig.Run(SimDuration.FromMilliseconds(150));
        ulong compared = rig.Progress.BytesDone;
        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Cancel));
        Assert.InRange(rig.Progress.BytesDirty.Value, (9UL << 20) - compared, (10UL << 20) - 1);

        rig.Start(rig.Request(DirectTransferMode.DirtyRanges));
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.AssertSame();
    }

    [Fact]
    public void Pause_holds_the_transfer_and_resume_goes_on()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 10_000_000);
        for (ulong block = 0; block < 1024; block += 32)
            rig.Vm.Write(block, 32);
        rig.Activate();
        rig.Start(rig.Request());
        rig.Run(SimDuration.FromMilliseconds(100));
        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Pause));
        rig.Run(SimDuration.FromSeconds(5));
        ulong before = rig.Progress.BytesSent;
        rig.Run(SimDuration.FromSeconds(60));

        Assert.Equal(before, rig.Progress.BytesSent.Value);
        Assert.Equal(DirectTransferPhase.Copying, rig.Phase);
        Assert.Equal((byte)(DirectTransferState.Connected | DirectTransferState.Paused), rig.Progress.State);
        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Resume));
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.AssertSame();
    }

    [Fact]
    public void The_limit_of_bandwidth_is_kept()
    {
        using var rig = new TransferRig();
        for (ulong block = 0; block < 2048; block += 32)
            rig.Vm.Write(block, 32);
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.WrittenRanges);
        request.BytesPerSecond = 4 << 20;
        rig.Start(request);
        SimTime started = rig.Clock.Now;
        rig.RunUntil(DirectTransferPhase.Converged);

        double seconds = (rig.Clock.Now - started).Nanoseconds / 1e9;
        Assert.InRange(seconds, 1.9, 2.1);
        Assert.InRange((ulong)rig.Progress.BytesPerSecond, (ulong)(0.95 * (4 << 20)), (ulong)(1.05 * (4 << 20)));
    }

    [Fact]
    public void A_lost_connection_is_made_anew_and_nothing_durable_is_sent_again()
    {
        using var rig = new TransferRig(
            changeDestination: options => options with { Cache = options.Cache with { Mode = CacheMode.WriteThrough } },
            linkBytesPerSecond: 10_000_000);
        for (ulong block = 0; block < 2048; block += 32)
            rig.Vm.Write(block, 32);
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.WrittenRanges);
        (request.Queues, request.Depth) = (1, 2);
        rig.Start(request);
        rig.Run(SimDuration.FromMilliseconds(400));
        rig.Link.Cut();
        rig.Run(SimDuration.FromSeconds(11));
        Assert.Equal(DirectTransferPhase.Reconnecting, rig.Phase);
        Assert.Equal(DirectTransferReason.ConnectionLost, rig.Reason);
        rig.Link.Restore();
        rig.RunUntil(DirectTransferPhase.Converged);

        rig.AssertSame();
        DirectTransferProgress progress = rig.Progress;
        Assert.Equal(1u, progress.ConnectionsLost.Value);
        Assert.InRange(progress.BytesRepeated.Value, 1UL, 2UL * 128 * 1024);
    }

    [Fact]
    public void A_connection_that_stays_lost_fails_the_transfer_and_leaves_the_rest_dirty()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 10_000_000);
        for (ulong block = 0; block < 2048; block += 32)
            rig.Vm.Write(block, 32);
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.WrittenRanges);
        request.ReconnectSeconds = 20;
        rig.Start(request);
        rig.Run(SimDuration.FromMilliseconds(400));
        rig.Link.Cut();
        rig.RunUntil(DirectTransferPhase.Failed);
        Assert.Equal(DirectTransferReason.ConnectionLost, rig.Reason);
        TestHost.AssertStatus(Status.TransferFailed, rig.Control(DirectTransferAction.Resume));

        // The VM goes on, and another transfer goes on from there.
        rig.Vm.Write(7, 3);
        rig.Link.Restore();
        rig.Start(rig.Request(DirectTransferMode.DirtyRanges));
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.AssertSame();
    }

    [Fact]
    public void Cancel_leaves_what_was_not_sent_dirty()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 10_000_000);
        for (ulong block = 0; block < 2048; block += 32)
            rig.Vm.Write(block, 32);
        rig.Activate();
        rig.Start(rig.Request(DirectTransferMode.WrittenRanges));
        rig.Run(SimDuration.FromMilliseconds(400));
        TestHost.AssertStatus(Status.MigrationBusy, rig.Manager.TryGetLog(
            LogPageId.VmDirtyRanges, 4096, out _, specific: VendorCommandSet.LspAdvance, specificIdentifier: rig.Target));
        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Cancel));
        Assert.Equal(DirectTransferPhase.Cancelled, rig.Phase);
        Assert.InRange((ulong)rig.Progress.BytesDirty, 1UL, 8UL << 20);

        rig.Start(rig.Request(DirectTransferMode.DirtyRanges));
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.AssertSame();
    }

    [Fact]
    public void The_end_of_the_migration_ends_the_transfer()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 1_000_000);
        rig.Vm.Write(0, 64);
        rig.Activate();
        rig.Start(rig.Request());
        rig.Run(SimDuration.FromMilliseconds(10));
        TestHost.AssertStatus(Status.MigrationBusy, rig.Manager.TrySetMigration(VmMigrationFlags.Completed, target: rig.Target));
        rig.Manager.SetMigration(VmMigrationFlags.None, target: rig.Target);

        Assert.Equal(DirectTransferPhase.Cancelled, rig.Phase);
        Assert.Equal(DirectTransferReason.MigrationEnded, rig.Reason);
        rig.Vm.Write(0, 64);
    }

    [Fact]
    public void A_vm_that_runs_again_is_not_finished()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 10_000_000);
        rig.Vm.Write(0, 128);
        rig.Activate();
        rig.Start(rig.Request());
        TestHost.AssertStatus(Status.CommandSequenceError, rig.Control(DirectTransferAction.Finish));
        rig.HaltAndFinish();
        rig.Run(SimDuration.FromMilliseconds(20));
        rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
        rig.Vm.Write(10, 5);
        rig.Run(SimDuration.FromSeconds(5));

        Assert.Equal(DirectTransferPhase.Converged, rig.Phase);
        rig.HaltAndFinish();
        rig.RunUntil(DirectTransferPhase.Done);
        rig.AssertSame();
    }

    [Fact]
    public void A_manager_hears_of_the_end()
    {
        using var rig = new TransferRig();
        rig.Activate();
        rig.Manager.RequestEvent();
        rig.Start(rig.Request());
        rig.HaltAndFinish();
        rig.RunUntil(DirectTransferPhase.Done);

        uint raised = Assert.Single(rig.Manager.TakeEvents());
        Assert.Equal((uint)LogPageId.DirectTransferProgress, raised >> 16 & 0xFF);
    }

    [Fact]
    public void The_state_arrives_with_the_data_and_reservations_do_not_keep_the_manager_out()
    {
        using var rig = new TransferRig();
        TestHost.AssertStatus(Status.Success, rig.Vm.SetFeature(FeatureId.Arbitration, 3));
        ReserveExclusively(rig.Vm);
        rig.Vm.Write(100, 8);
        rig.Activate();
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Converged);
        Assert.True((rig.ManagerThere.GetMigration(rig.TargetThere) & VmMigrationFlags.Ready) != 0);
        TestHost.AssertStatus(Status.Success, rig.Vm.SetFeature(FeatureId.Arbitration, 5));
        rig.Vm.Write(104, 8);
        rig.HaltAndFinish();
        rig.RunUntil(DirectTransferPhase.Done);

        rig.AssertSame();
        Assert.True(rig.Progress.StateBytes > 0);
        rig.ManagerThere.SetMigration(VmMigrationFlags.Completed, target: rig.TargetThere);
        Assert.Equal(5u, rig.VmThere.GetFeature(FeatureId.Arbitration).Dw0);
        rig.VmThere.Write(104, 8);
        TestHost.AssertStatus(
            Status.ReservationConflict, rig.ManagerThere.Transfer(IoOpcode.Write, 0, 1, new byte[TransferRig.BlockBytes]));
    }

    [Fact]
    public void A_state_that_the_destination_cannot_take_is_told_and_the_vm_goes_on()
    {
        using var rig = new TransferRig(changeDestination: options => options with
        {
            Namespaces = [new NamespaceOptions { SizeBytes = 9 << 20 }, new NamespaceOptions { SizeBytes = 2 << 20, BlockBytes = 512 }],
        });
        rig.Activate();
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Failed);

        Assert.Equal(DirectTransferReason.StateRefused, rig.Reason);
        Assert.True(Status.StorageStateIncompatible.Matches(new Status(rig.Progress.PeerStatus)));
        rig.Vm.Write(0, 4);
    }

    [Fact]
    public void A_state_that_somebody_else_read_meanwhile_is_sent_whole()
    {
        using var rig = new TransferRig();
        rig.Activate();
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.Manager.GetLog(LogPageId.VmStorageState, 65536, specificIdentifier: rig.Target);
        TestHost.AssertStatus(Status.Success, rig.Vm.SetFeature(FeatureId.Arbitration, 5));
        rig.HaltAndFinish();
        rig.RunUntil(DirectTransferPhase.Done);
        rig.ManagerThere.SetMigration(VmMigrationFlags.Completed, target: rig.TargetThere);

        Assert.Equal(5u, rig.VmThere.GetFeature(FeatureId.Arbitration).Dw0);
    }

    /// <summary>Blocks that cannot be read at the source are no data at the destination either.</summary>
    [Fact]
    public void Unreadable_blocks_are_unreadable_there_too()
    {
        using var rig = new TransferRig();
        rig.Vm.Write(0, 64);
        TestHost.AssertStatus(Status.Success, rig.Vm.Transfer(IoOpcode.WriteUncorrectable, 17, 2, []));
        rig.Activate();
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Converged);

        Assert.Equal(2UL, rig.Progress.BlocksUnreadable.Value);
        Namespace there = rig.Destination.Namespaces.Find(1)!;
        Assert.True(there.IsUncorrectable(new BlockRange(17, 1)) && there.IsUncorrectable(new BlockRange(18, 1)));
        Assert.False(there.IsUncorrectable(new BlockRange(0, 17)) || there.IsUncorrectable(new BlockRange(19, 2000)));
    }

    private static void ReserveExclusively(TestHost host)
    {
        byte[] keys = new byte[16];
        keys[8] = 0x11;
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.ReservationRegister, keys, cdw10: 0));
        byte[] key = new byte[16];
        key[0] = 0x11;
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.ReservationAcquire, key, cdw10: 1 << 8));
    }
}
