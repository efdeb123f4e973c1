using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.UnitTests.Migration;
using Emulator.Wire;
using Range = Emulator.UnitTests.Migration.Range;

namespace Emulator.UnitTests.Device;

/// <summary>Snapshots by commands and log pages of the vendor command set.</summary>
public class SnapshotTests
{
    private const string Manager = "nqn.2026-11.io.emulator:manager";

    [Fact]
    public void A_snapshot_is_listed_with_what_the_namespace_was()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        host.Fill(1, 7);
        ushort id = host.CreateSnapshot();
        host.Fill(1, 8);

        (SnapshotListHeader header, SnapshotListEntry[] entries) = host.ListSnapshots();

        Assert.Equal(1, header.Version.Value);
        Assert.Equal(host.ControllerId, header.Target.Value);
        Assert.Equal(64u, header.Limit.Value);
        Assert.Equal(1u, header.Snapshots.Value);
        Assert.Equal(64u, header.EntrySize.Value);
        Assert.InRange(header.BytesLeft.Value, 1ul << 20, 16ul << 20);
        SnapshotListEntry entry = Assert.Single(entries);
        Assert.Equal((id, 1u, 2048ul, 4096u), (entry.Id.Value, entry.Nsid.Value, entry.Blocks.Value, entry.BlockBytes.Value));
        Assert.Equal(4096ul, entry.BytesHeld.Value);
        Assert.Equal(0, entry.Flags.Value);
        Assert.Equal(drive.Namespaces.Find(1)!.Identity.Nguid, ((ReadOnlySpan<byte>)entry.Nguid).ToArray());
    }

    [Theory]
    [InlineData(CacheMode.WriteBack)]
    [InlineData(CacheMode.Off)]
    public void What_was_written_before_belongs_to_the_snapshot_in_the_cache_or_not(CacheMode mode)
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive, TestHost.SmallDrive with { Cache = new CacheOptions { Mode = mode } });
        using Drive owned = drive;
        host.Fill(5, 1);
        ushort id = host.CreateSnapshot();
        host.Fill(5, 2);
        host.Fill(6, 2);

        Assert.Equal(SnapshotHost.Page(1), host.ReadSnapshotPage(id, 5));
        Assert.Equal([], host.ReadSnapshotPage(id, 6)!);
        host.AssertBlock(5, 2);
    }

    [Fact]
    public void The_delta_tells_what_changed_and_what_reads_as_zero()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        for (ulong block = 0; block < 20; block++)
            host.Fill(block, 1);
        ushort id = host.CreateSnapshot();
        Assert.Empty(host.ReadDelta(id).Ranges);
        host.Fill(3, 2);
        host.Fill(4, 2);
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.WriteZeroes, cdw10: 10, cdw12: 3));

        RangeList list = host.ReadDelta(id);

        Assert.Equal(id, list.Header.Target.Value);
        Assert.Equal(4096u, list.Header.Granule.Value);
        Assert.Equal(6ul, list.Header.Blocks.Value);
        Assert.Equal([new Range(1, 3, 2), new Range(1, 10, 4, ReadsAsZero: true)], list.Ranges);
    }

    [Fact]
    public void Restoring_brings_back_the_contents_and_is_a_change_for_the_tracker()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        host.Fill(1, 1);
        host.Fill(2, 1);
        ushort id = host.CreateSnapshot();
        host.Fill(1, 2);
        host.Fill(9, 2);
        host.SetMigration(VmMigrationFlags.Active);

        host.RestoreSnapshot(id);

        host.AssertBlock(1, 1);
        host.AssertBlock(2, 1);
        host.AssertBlock(9, 0);
        Assert.Equal([new Range(1, 1, 1), new Range(1, 9, 1, ReadsAsZero: true)], host.ReadDirty().Ranges);
        Assert.Equal(SnapshotHost.Page(1), host.ReadSnapshotPage(id, 1));
    }

    [Fact]
    public void Blocks_that_were_marked_uncorrectable_are_so_in_the_snapshot_alone()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        host.Fill(1, 1);
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.WriteUncorrectable, cdw10: 1));
        ushort id = host.CreateSnapshot();
        host.Fill(1, 2);
        host.Fill(2, 2);
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.WriteUncorrectable, cdw10: 2));

        Assert.Null(host.ReadSnapshotPage(id, 1));
        Assert.Equal([new Range(1, 1, 2)], host.ReadDelta(id).Ranges);

        host.RestoreSnapshot(id);
        TestHost.AssertStatus(Status.UnrecoveredReadError, host.Transfer(IoOpcode.Read, 1, 1, new byte[4096]));
        host.AssertBlock(2, 0);
    }

    [Fact]
    public void Commands_are_refused_with_their_statuses()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        ushort id = host.CreateSnapshot();

        TestHost.AssertStatus(Status.SnapshotNotFound, host.TrySnapshot(SnapshotAction.Delete, (ushort)(id + 1)));
        TestHost.AssertStatus(Status.SnapshotNotFound, host.TrySnapshot(SnapshotAction.Restore, 0));
        TestHost.AssertStatus(Status.InvalidField, host.TrySnapshot(SnapshotAction.Create, id));
        TestHost.AssertStatus(Status.InvalidField, host.TrySnapshot((SnapshotAction)3, id));
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, host.TrySnapshot(SnapshotAction.Create, nsid: 0));
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, host.TrySnapshot(SnapshotAction.Create, nsid: uint.MaxValue));
        TestHost.AssertStatus(Status.InvalidField, host.TrySnapshot(SnapshotAction.Create, nsid: 2));
        TestHost.AssertStatus(Status.InvalidField, host.Admin(AdminOpcode.Snapshot, nsid: 1, cdw10: 0x100));
        TestHost.AssertStatus(Status.InvalidField, host.Admin(AdminOpcode.Snapshot, nsid: 1, cdw11: 0x10000));
        TestHost.AssertStatus(Status.InvalidField, host.Admin(AdminOpcode.Snapshot, nsid: 1, cdw15: 1));
        TestHost.AssertStatus(
            Status.SnapshotNotFound, host.TryGetLog(LogPageId.SnapshotDelta, 64, out _, specificIdentifier: 99));
        TestHost.AssertStatus(
            Status.CommandSequenceError, host.TryGetLog(LogPageId.SnapshotDelta, 64, out _, 4, specificIdentifier: id));
        TestHost.AssertStatus(
            Status.InvalidField, host.TryGetLog(LogPageId.SnapshotDelta, 64, out _, specific: 1, specificIdentifier: id));
        TestHost.AssertStatus(Status.CommandSequenceError, host.TryGetLog(LogPageId.Snapshots, 64, out _, offset: 4));
        byte[] pages = new byte[8192];
        TestHost.AssertStatus(
            Status.SnapshotNotFound, host.Admin(AdminOpcode.ReadStoredPages, pages, 1, 0, 0, 1, 0, cdw14: 77));
        TestHost.AssertStatus(
            Status.InvalidField, host.Admin(AdminOpcode.ReadStoredPages, pages, 1, 0, 0, 1, 0, cdw14: 0x10000u | id));
        Assert.Single(host.ListSnapshots().Entries);
    }

    [Fact]
    public void With_a_list_of_managers_a_VM_has_no_say_in_snapshots_of_its_data()
    {
        using var drive = new Drive(TestHost.SmallDrive with { Managers = [Manager] });
        var clock = new TestClock();
        TestHost vm = TestHost.Connect(drive, clock);
        TestHost manager = TestHost.Connect(drive, clock, Manager, hostId: 2);
        vm.Fill(0, 1);
        ushort id = manager.CreateSnapshot();
        vm.Fill(0, 2);

        TestHost.AssertStatus(Status.OperationDenied, vm.TrySnapshot(SnapshotAction.Create));
        TestHost.AssertStatus(Status.OperationDenied, vm.TrySnapshot(SnapshotAction.Restore, id));
        TestHost.AssertStatus(Status.OperationDenied, vm.TryGetLog(LogPageId.Snapshots, 64, out _));
        TestHost.AssertStatus(Status.OperationDenied, vm.TryGetLog(LogPageId.SnapshotDelta, 64, out _, specificIdentifier: id));
        TestHost.AssertStatus(Status.OperationDenied, vm.TryGetLog(LogPageId.RangeChecksums, 64, out _, nsid: 1));
        Assert.Single(manager.ListSnapshots(vm.ControllerId).Entries);
        Assert.Single(manager.ReadDelta(id).Ranges);
        manager.RestoreSnapshot(id);
        vm.AssertBlock(0, 1);
    }

    [Fact]
    public void There_are_as_many_snapshots_as_the_support_structure_says()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive, TestHost.SmallDrive with { Ftl = new() { MostSnapshots = 2 } });
        using Drive owned = drive;
        VmasSupport support = host.ReadSupport();
        Assert.Equal(2u, support.Snapshots.Value);
        Assert.NotEqual(0u, support.Capabilities & (uint)VmasCapabilities.SnapshotsAndDeltas);

        ushort first = host.CreateSnapshot();
        host.CreateSnapshot();
        TestHost.AssertStatus(Status.LimitReached, host.TrySnapshot(SnapshotAction.Create));
        host.DeleteSnapshot(first);
        Assert.True(host.CreateSnapshot() > first + 1);
    }

    [Fact]
    public void A_disk_has_no_snapshots_and_says_so()
    {
        var options = new DriveOptions { CapacityBytes = 16 << 20, Profile = DeviceProfile.Find("hdd-7200"), Namespaces = [new NamespaceOptions()] };
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive, options);
        using Drive owned = drive;

        VmasSupport support = host.ReadSupport();
        Assert.Equal(0u, support.Snapshots.Value);
        Assert.Equal(0u, support.Capabilities & (uint)VmasCapabilities.SnapshotsAndDeltas);
        Assert.NotEqual(0u, support.Capabilities & (uint)VmasCapabilities.RangeChecksums);
        TestHost.AssertStatus(Status.LimitReached, host.TrySnapshot(SnapshotAction.Create));
        TestHost.AssertStatus(Status.SnapshotNotFound, host.TrySnapshot(SnapshotAction.Delete, 1));
        Assert.Equal(0u, host.ListSnapshots().Header.Limit.Value);
    }

    /// <summary>Rows: what is done with the namespace, and whether its snapshot is still there.</summary>
    [Theory]
    [InlineData("format", true)]
    [InlineData("format with user data erase", false)]
    [InlineData("sanitize", false)]
    [InlineData("delete the namespace", false)]
    [InlineData("erase", false)]
    public void What_erases_data_erases_snapshots_of_it(string what, bool isKept)
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        host.Fill(1, 9);
        ushort id = host.CreateSnapshot();
        CommandOutcome outcome;
        switch (what)
        {
            case "format":
                outcome = host.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: (uint)LbaFormatIndex.Bytes4096);
                break;
            case "format with user data erase":
                outcome = host.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: (uint)LbaFormatIndex.Bytes4096 | (1 << 9));
                break;
            case "sanitize":
                outcome = host.Admin(AdminOpcode.Sanitize, cdw10: (uint)SanitizeAction.BlockErase);
                host.Wait(SimDuration.FromSeconds(10));
                break;
            case "erase":
                host.SetMigration(VmMigrationFlags.Active);
                outcome = host.TrySetMigration(VmMigrationFlags.Completed | VmMigrationFlags.Erase);
                break;
            default:
                outcome = host.Admin(AdminOpcode.NamespaceManagement, nsid: 1, cdw10: 1);
                break;
        }

        TestHost.AssertStatus(Status.Success, outcome);
        Assert.Equal(isKept, drive.Snapshots.Find(id) != null);
        if (!isKept)
            return;
        Assert.Equal(SnapshotHost.Page(9), host.ReadSnapshotPage(id, 1));
        host.RestoreSnapshot(id);
        host.AssertBlock(1, 9);
    }

    [Fact]
    public void A_namespace_with_other_blocks_is_not_restored()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive owned = drive;
        host.Fill(1, 9);
        ushort id = host.CreateSnapshot();
        TestHost.AssertStatus(
            Status.Success, host.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: (uint)LbaFormatIndex.Bytes512));

        TestHost.AssertStatus(Status.StorageStateIncompatible, host.TrySnapshot(SnapshotAction.Restore, id));
        Assert.Equal((ushort)SnapshotFlags.OtherFormat, Assert.Single(host.ListSnapshots().Entries).Flags.Value);
        Assert.Equal(SnapshotHost.Page(9), host.ReadSnapshotPage(id, 1));
    }

    [Theory]
    [InlineData(CacheMode.WriteBack)]
    [InlineData(CacheMode.Off)]
    public void Without_room_a_write_ends_with_Capacity_Exceeded_and_nothing_is_lost(CacheMode mode)
    {
        DriveOptions options = TestHost.SmallDrive with
        {
            Namespaces = [new NamespaceOptions()],
            OverProvisioningPercent = 20,
            Cache = new CacheOptions { Mode = mode, SizeBytes = 1 << 20 },
        };
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive, options);
        using Drive owned = drive;
        const uint blocks = 4096;
        for (uint block = 0; block < blocks; block++)
            host.Fill(block, 1);
        ushort id = host.CreateSnapshot();

        uint written = 0;
        while (host.TryFill(written, 2) is { IsSuccess: true })
            written++;
        Assert.InRange(written, 1u, blocks - 1);
        TestHost.AssertStatus(Status.CapacityExceeded, host.TryFill(written, 2));
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush));
        Assert.Equal(0ul, host.ListSnapshots().Header.BytesLeft.Value);

        // What is kept already can be written again and again, and trimming takes no room.
        host.Fill(0, 3);
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.WriteZeroes, cdw10: blocks - 8, cdw12: 7));
        for (uint block = 1; block < blocks - 8; block++)
            host.AssertBlock(block, block < written ? (byte)2 : (byte)1);
        for (uint page = 0; page < blocks; page++)
            Assert.Equal(SnapshotHost.Page(1), host.ReadSnapshotPage(id, page));

        host.DeleteSnapshot(id);
        for (uint block = written; block < blocks; block++)
            host.Fill(block, 2);
    }
}
