using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

/// <summary>
/// Random writes, trims, snapshots, deletions and restores on small drives of many shapes, against a reference that keeps
/// every version. The seed is in the name of the case.
/// </summary>
public class SnapshotPropertyTests
{
    private const int Segments = 4;
    private const int Pages = Segments * 256;

    public static TheoryData<int, bool> Seeds()
    {
        var seeds = new TheoryData<int, bool>();
        for (int seed = 1; seed <= 30; seed++)
            seeds.Add(seed, seed % 2 == 0);
        return seeds;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_snapshot_reads_as_the_volume_did(int seed, bool persists)
    {
        var random = new SeededRandom((ulong)seed);
        FlashGeometry shape = new()
        {
            Channels = 1 + random.Below(2),
            DiesPerChannel = 1,
            MapPagesPerFlashPage = 1 << random.Below(3),
            IsMultiPlane = random.Chance(50),
        };
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, 7 + random.Below(100), shape);
        using var rig = new SnapshotRig(Segments, geometry, persists, new FtlOptions { WearSpread = random.Below(10), MostSnapshots = 6 });
        ushort next = 1;
        for (int i = 0; i < 12000; i++)
            Step(rig, random, ref next, persists);
        rig.Verify();
        foreach (ushort id in rig.Snapshots.ToArray())
            rig.Delete(id);
        rig.Verify();
        for (int page = 0; page < Pages; page++)
            Assert.Equal(MediumStatus.Success, rig.Write(page));
        rig.Verify();
    }

    private static void Step(SnapshotRig rig, SeededRandom random, ref ushort next, bool persists)
    {
        int page = random.Chance(50) ? random.Below(Pages / 8) : random.Below(Pages);
        switch (random.Below(1000))
        {
            case < 80:
                if (rig.Ftl.RoomNeeded(new LogicalPage((uint)page), 1, isTrim: true) <= rig.Ftl.RoomToTrim)
                    rig.Trim(page);
                break;
            case < 84 when rig.Snapshots.Count < rig.Ftl.MostSnapshots:
                rig.Create(next++, 1 + (uint)random.Below(2));
                break;
            case < 88 when rig.Snapshots.Count > 0:
                rig.Delete(rig.Snapshots.ElementAt(random.Below(rig.Snapshots.Count)));
                break;
            case 88 when rig.Snapshots.Count > 0 && random.Chance(30):
                Assert.Contains(rig.Restore(rig.Snapshots.ElementAt(random.Below(rig.Snapshots.Count))), MayEnd);
                break;
            case < 100:
                rig.Ftl.Flush(SimTime.Zero);
                break;
            case 100 when persists && random.Chance(30):
                rig.Ftl.Flush(SimTime.Zero);
                rig.Mount();
                rig.Verify();
                break;
            case 101 when persists && random.Chance(30):
                Assert.True(rig.Ftl.Shutdown(SimTime.Zero).IsSuccess);
                rig.Mount();
                rig.Verify();
                break;
            default:
                Assert.Contains(rig.Write(page), MayEnd);
                break;
        }
    }

    private static readonly MediumStatus[] MayEnd = [MediumStatus.Success, MediumStatus.NoRoom];
}
