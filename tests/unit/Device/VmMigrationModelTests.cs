using Emulator.Core;
using Emulator.Device;
using Emulator.UnitTests.Migration;
using Emulator.Wire;
using static Emulator.Wire.VendorCommandSet;
using static Emulator.Wire.VmMigrationFlags;
using Range = Emulator.UnitTests.Migration.Range;

namespace Emulator.UnitTests.Device;

/// <summary>
/// Random commands of a VM and of another host against sets that are kept the simple way: what the rounds report is
/// exactly what changed, and a copy that follows the rounds ends up equal.
/// </summary>
public sealed class VmMigrationModelTests
{
    private const int Blocks = 512;
    private const int Steps = 1500;
    private const string OtherNqn = "nqn.2026-11.io.emulator:other";

    private readonly HashSet<ulong> _written = [];
    private readonly HashSet<ulong> _dirty = [];
    private readonly HashSet<ulong> _taken = [];

    [Theory]
    [InlineData(1, 4096, int.MaxValue)]
    [InlineData(2, 4096, 7)]
    [InlineData(3, 16384, int.MaxValue)]
    [InlineData(4, 65536, 3)]
    [InlineData(5, 4096, 1)]
    public void Rounds_report_exactly_what_changed(ulong seed, int granuleBytes, int mostRanges)
    {
        var random = new SeededRandom(seed);
        using var drive = new Drive(new DriveOptions
        {
            CapacityBytes = 4 << 20,
            Namespaces = [new NamespaceOptions { SizeBytes = Blocks * 4096 }],
            TrackingGranuleBytes = granuleBytes,
            MaxReportedRanges = Math.Min(mostRanges, 1 << 16),
        });
        TestHost vm = TestHost.Connect(drive, new TestClock());
        TestHost other = TestHost.Connect(drive, vm.Clock, OtherNqn, hostId: 2);
        ulong granuleBlocks = (ulong)granuleBytes / 4096;
        vm.SetMigration(Active);
        for (int step = 0; step < Steps; step++)
        {
            if (random.Chance(8))
                ReadRound(vm, random, granuleBlocks, mostRanges);
            else if (random.Chance(1))
                Format(drive, vm, granuleBlocks);
            else if (random.Chance(25))
                Change(other, random, granuleBlocks, isVm: false);
            else
                Change(vm, random, granuleBlocks, isVm: true);
        }

        if (mostRanges == int.MaxValue)
            AssertCovers(_written, vm.ReadRanges(LogPageId.VmWrittenRanges), granuleBlocks);
        Assert.Equal((ulong)_written.Count, (ulong)vm.ReadStatus().GranulesWritten);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void A_copy_that_follows_the_rounds_becomes_equal(ulong seed)
    {
        var random = new SeededRandom(seed);
        using var drive = new Drive(TestHost.SmallDrive);
        TestHost vm = TestHost.Connect(drive, new TestClock());
        TestHost other = TestHost.Connect(drive, vm.Clock, OtherNqn, hostId: 2);
        for (int i = 0; i < 300; i++)
            Change(vm, random, 1, isVm: true);

        vm.SetMigration(Active);
        byte[] copy = new byte[Blocks * 4096];
        CopyRanges(vm, vm.ReadRanges(LogPageId.VmWrittenRanges), copy);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 20; i++)
                Change(random.Chance(50) ? vm : other, random, 1, isVm: true);
            RangeList list = vm.ReadDirty(LspAdvance);
            if (random.Chance(30))
            {
                // The copy failed: the round comes back as it was.
                RangeList again = vm.ReadDirty(LspAdvance | LspUndo);
                Assert.Equal(list.Ranges, again.Ranges);
                list = again;
            }

            CopyRanges(vm, list, copy);
        }

        CopyRanges(vm, vm.ReadDirty(), copy);
        AssertSame(vm, copy, seed);
    }

    private void Change(TestHost host, SeededRandom random, ulong granuleBlocks, bool isVm)
    {
        int count = 1 + random.Below(random.Chance(20) ? 40 : 4);
        ulong start = random.Below((ulong)(Blocks - count + 1));
        byte[] data = new byte[count * 4096];
        random.Fill(data);
        CommandOutcome outcome = random.Below(6) switch
        {
            0 => host.Transfer(IoOpcode.WriteZeroes, start, count, default),
            1 => VmMigrationLogTests.Deallocate(host, start, count),
            2 => VmMigrationLogTests.Copy(host, start, count, random.Below((ulong)(Blocks - count + 1))),
            3 when granuleBlocks > 1 => host.Transfer(IoOpcode.WriteUncorrectable, start, count, default),
            _ => host.Transfer(IoOpcode.Write, start, count, data),
        };
        if (outcome.Status.Matches(Status.UnrecoveredReadError))
            return;
        TestHost.AssertStatus(Status.Success, outcome);
        for (ulong granule = start / granuleBlocks; granule <= (start + (ulong)count - 1) / granuleBlocks; granule++)
        {
            _dirty.Add(granule);
            if (isVm)
                _written.Add(granule);
        }
    }

    private void Format(Drive drive, TestHost vm, ulong granuleBlocks)
    {
        drive.Namespaces.Find(1)!.Reformat(vm.Clock.Now, LbaFormatIndex.Bytes4096);
        for (ulong granule = 0; granule < Blocks / granuleBlocks; granule++)
        {
            _dirty.Add(granule);
            _written.Add(granule);
        }
    }

    private void ReadRound(TestHost vm, SeededRandom random, ulong granuleBlocks, int mostRanges)
    {
        byte actions = (byte)random.Below(4);
        if ((actions & LspUndo) != 0)
        {
            _dirty.UnionWith(_taken);
            _taken.Clear();
        }

        ulong before = vm.ReadStatus().Round;
        RangeList list = vm.ReadDirty(actions);
        HashSet<ulong> listed = GranulesOf(list, granuleBlocks);
        bool isTruncated = (list.Flags & RangeListFlags.Truncated) != 0;
        Assert.True(list.Ranges.Length <= mostRanges);
        Assert.Equal(isTruncated ? FirstOf(_dirty, listed.Count) : _dirty, listed);
        AssertZeroFlags(vm, list);
        if ((actions & LspAdvance) != 0)
        {
            _taken.Clear();
            _taken.UnionWith(listed);
            _dirty.ExceptWith(listed);
        }

        Assert.Equal(before, (ulong)list.Header.Round);
        Assert.Equal(before + (ulong)(actions & LspAdvance), (ulong)vm.ReadStatus().Round);
        Assert.Equal((ulong)_dirty.Count, (ulong)vm.ReadStatus().GranulesDirty);
    }

    private static HashSet<ulong> FirstOf(HashSet<ulong> granules, int count) => [.. granules.Order().Take(count)];

    private static void AssertCovers(HashSet<ulong> expected, RangeList list, ulong granuleBlocks) =>
        Assert.Equal(expected, GranulesOf(list, granuleBlocks));

    private static HashSet<ulong> GranulesOf(RangeList list, ulong granuleBlocks)
    {
        HashSet<ulong> granules = [];
        foreach (Range range in list.Ranges)
        {
            Assert.Equal(0ul, range.Start % granuleBlocks);
            for (ulong block = range.Start; block < range.Start + range.Blocks; block += granuleBlocks)
                granules.Add(block / granuleBlocks);
        }

        return granules;
    }

    private static void AssertZeroFlags(TestHost vm, RangeList list)
    {
        foreach (Range range in list.Ranges)
        {
            if (!range.ReadsAsZero)
                continue;
            byte[] data = new byte[range.Blocks * 4096];
            for (ulong done = 0; done < range.Blocks; done += 64)
            {
                int count = (int)Math.Min(64, range.Blocks - done);
                Span<byte> part = data.AsSpan((int)done * 4096, count * 4096);
                TestHost.AssertStatus(Status.Success, vm.Transfer(IoOpcode.Read, range.Start + done, count, part));
            }

            Assert.DoesNotContain(data, b => b != 0);
        }
    }

    private static void CopyRanges(TestHost vm, RangeList list, byte[] copy)
    {
        foreach (Range range in list.Ranges)
        {
            for (ulong block = range.Start; block < range.Start + range.Blocks; block++)
            {
                Span<byte> target = copy.AsSpan((int)block * 4096, 4096);
                if (range.ReadsAsZero)
                    target.Clear();
                else
                    TestHost.AssertStatus(Status.Success, vm.Transfer(IoOpcode.Read, block, 1, target));
            }
        }
    }

    private static void AssertSame(TestHost vm, byte[] copy, ulong seed)
    {
        byte[] block = new byte[4096];
        for (int i = 0; i < Blocks; i++)
        {
            TestHost.AssertStatus(Status.Success, vm.Transfer(IoOpcode.Read, (ulong)i, 1, block));
            Assert.True(block.AsSpan().SequenceEqual(copy.AsSpan(i * 4096, 4096)), $"seed {seed}: block {i} differs");
        }
    }
}
