using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

public class SnapshotTests
{
    private const int Segments = 8;
    private const int Pages = Segments * 256;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_snapshot_keeps_what_was_there_when_it_was_made(bool persists)
    {
        using SnapshotRig rig = Create(persists);
        for (int page = 0; page < 600; page++)
            rig.Write(page);
        rig.Create(1, volume: 1);

        rig.Write(3);
        rig.Write(3);
        rig.Trim(4);
        rig.Write(700);
        rig.Verify();

        Assert.Equal(2, rig.Ftl.PagesHeld(1));
    }

    [Fact]
    public void A_snapshot_costs_nothing_until_something_changes()
    {
        using SnapshotRig rig = Create(persists: false);
        for (int page = 0; page < Pages; page++)
            rig.Write(page);

        rig.Create(1, volume: 1);

        Assert.Equal(0, rig.Ftl.PagesHeld());
        Assert.Equal(256, rig.Ftl.FirstChange(1, new LogicalPage(0), 256, changed: true));
        Assert.Equal(0, rig.Ftl.FirstChange(1, new LogicalPage(0), 256, changed: false));
    }

    [Fact]
    public void Each_snapshot_keeps_its_own_version_and_deleting_one_between_leaves_the_others()
    {
        using SnapshotRig rig = Create(persists: false);
        for (ushort id = 1; id <= 5; id++)
        {
            for (int page = id; page < 400; page += id)
                rig.Write(page);
            rig.Create(id, volume: 1);
        }

        rig.Write(5);
        rig.Delete(3);
        rig.Verify();
        rig.Delete(5);
        rig.Verify();
        rig.Delete(1);
        rig.Verify();
        rig.Delete(4);
        rig.Delete(2);
        rig.Verify();
        Assert.False(rig.Ftl.HasSnapshots);
        Assert.Equal(0, rig.Ftl.PagesHeld());
    }

    [Fact]
    public void Collection_moves_what_snapshots_keep()
    {
        using SnapshotRig rig = Create(persists: false);
        for (int page = 0; page < 500; page++)
            rig.Write(page);
        rig.Create(1, volume: 1);
        for (int round = 0; round < 40; round++)
        {
            for (int page = 0; page < 500; page++)
                Assert.Equal(MediumStatus.Success, rig.Write(page));
        }

        Assert.True(rig.Ftl.Counters.SuperblocksErased > 10);
        Assert.Equal(500, rig.Ftl.PagesHeld(1));
        rig.Verify();
    }

    [Fact]
    public void A_write_that_needs_room_which_snapshots_hold_fails_and_changes_nothing()
    {
        using SnapshotRig rig = Create(persists: false);
        for (int page = 0; page < Pages; page++)
            Assert.Equal(MediumStatus.Success, rig.Write(page));
        rig.Create(1, volume: 1);

        int written = 0;
        while (rig.Write(written) == MediumStatus.Success)
            written++;

        Assert.InRange(written, 1, Pages / 2);
        Assert.Equal(0, rig.Ftl.RoomLeft);
        Assert.Equal(MediumStatus.NoRoom, rig.Write(written));
        Assert.Equal(MediumStatus.Success, rig.Write(0));
        Assert.Equal(MediumStatus.Success, rig.Write(Pages - 1));
        rig.Verify();
        Assert.False(rig.Ftl.IsReadOnly);

        rig.Delete(1);
        Assert.Equal(MediumStatus.Success, rig.Write(written));
        rig.Verify();
    }

    [Fact]
    public void Restoring_brings_back_contents_and_holes_and_keeps_all_snapshots()
    {
        using SnapshotRig rig = Create(persists: false);
        for (int page = 0; page < 300; page += 2)
            rig.Write(page);
        rig.Create(1, volume: 1);
        for (int page = 0; page < 300; page += 3)
            rig.Write(page);
        rig.Create(2, volume: 1);
        rig.Trim(0);

        Assert.Equal(MediumStatus.Success, rig.Restore(1));
        rig.Verify();
        Assert.Equal(MediumStatus.Success, rig.Restore(2));
        rig.Verify();
    }

    [Fact]
    public void A_medium_of_version_1_has_no_snapshots()
    {
        using var rig = new SnapshotRig(Segments, FtlRig.GeometryFor(Pages, 28), persists: true, snapshotChunks: 0);

        Assert.Equal(0, rig.Ftl.MostSnapshots);
    }

    [Fact]
    public void Snapshots_survive_a_shutdown_and_an_unclean_stop()
    {
        using SnapshotRig rig = Create(persists: true);
        for (int page = 0; page < 700; page++)
            rig.Write(page);
        rig.Create(7, volume: 1);
        for (int page = 0; page < 700; page += 2)
            rig.Write(page);
        rig.Create(9, volume: 1);
        rig.Create(8, volume: 2);
        rig.Trim(5);
        rig.Write(6);

        Assert.True(rig.Ftl.Shutdown(SimTime.Zero).IsSuccess);
        rig.Mount();
        Assert.Equal<ushort>([7, 9, 8], rig.Ftl.Snapshots);
        rig.Verify();

        rig.Write(8);
        Assert.True(rig.Ftl.Flush(SimTime.Zero).IsSuccess);
        rig.Mount();
        rig.Verify();
        Assert.Equal(3, rig.Ftl.Snapshots.Count());
    }

    [Fact]
    public void A_page_that_was_replaced_and_not_flushed_is_kept_after_an_unclean_stop()
    {
        using SnapshotRig rig = Create(persists: true);
        for (int page = 0; page < 100; page++)
            rig.Write(page);
        rig.Create(1, volume: 1);
        Assert.True(rig.Ftl.Flush(SimTime.Zero).IsSuccess);

        for (int page = 0; page < 50; page++)
            rig.Write(page);
        rig.Mount();

        rig.Verify();
    }

    private static SnapshotRig Create(bool persists) => new(Segments, FtlRig.GeometryFor(Pages, 28), persists);
}
