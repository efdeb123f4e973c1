using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration;

public sealed class RangeListLatchTests : IDisposable
{
    private const int NoLimit = int.MaxValue;

    private readonly FakeEvents _events = new();
    private readonly RangeListLatch _latch = new();
    private readonly FakeNamespace _ns = new(1, 1000);
    private readonly VmMonitor _vm;
    private readonly ChangeTracker _tracker;

    public RangeListLatchTests()
    {
        _vm = new VmMonitor(4096, _events);
        _tracker = _vm.Track(_ns);
        _vm.Set(VmMigrationFlags.Active, 0, hostIsOwnManager: true);
    }

    public void Dispose() => _vm.Dispose();

    [Fact]
    public void Ranges_that_touch_are_one()
    {
        Write(10, 5);
        Write(15, 5);
        Write(30, 1);
        Assert.Equal([new Range(1, 10, 10), new Range(1, 30, 1)], Dirty().Ranges);
    }

    [Fact]
    public void A_range_is_cut_where_it_begins_to_read_as_zero()
    {
        _ns.MakeZero(12, 13);
        Write(10, 5);
        Assert.Equal([new Range(1, 10, 2), new Range(1, 12, 2, true), new Range(1, 14, 1)], Dirty().Ranges);
    }

    [Fact]
    public void Ranges_are_sorted_by_namespace()
    {
        ChangeTracker later = _vm.Track(new FakeNamespace(7, 10));
        ChangeTracker earlier = _vm.Track(new FakeNamespace(3, 10));
        later.Record(0, 10, _vm);
        earlier.Record(1, 1, _vm);
        Write(5, 1);
        Assert.Equal([new Range(1, 5, 1), new Range(3, 0, 10), new Range(7, 0, 10)], Dirty().Ranges);
    }

    [Theory]
    [InlineData(4096, 9, 3, 1, 0, 8)]
    [InlineData(4096, 9, 7, 2, 0, 16)]
    [InlineData(65536, 12, 15, 2, 0, 32)]
    [InlineData(65536, 9, 996, 4, 896, 104)]
    public void A_range_is_as_coarse_as_the_granule_and_ends_with_the_namespace(
        int granule, int blockShift, ulong start, ulong count, ulong reportedStart, ulong reportedCount)
    {
        using var vm = new VmMonitor(granule, _events);
        vm.Track(new FakeNamespace(1, 1000, blockShift)).Record(start, count, vm);
        _latch.LatchWritten(vm, 1, NoLimit);
        RangeList list = RangeList.Parse(_latch.Page);
        Assert.Equal([new Range(1, reportedStart, reportedCount)], list.Ranges);
        Assert.Equal((uint)granule, (uint)list.Header.Granule);
    }

    [Fact]
    public void Advance_takes_the_set_and_begins_a_round()
    {
        Write(1, 1);
        RangeList first = Dirty(advance: true);
        Write(2, 1);
        RangeList second = Dirty(advance: true);
        Assert.Equal([new Range(1, 1, 1)], first.Ranges);
        Assert.Equal([new Range(1, 2, 1)], second.Ranges);
        Assert.Equal((1ul, 2ul, 3ul), ((ulong)first.Header.Round, (ulong)second.Header.Round, _vm.Round));
        Assert.Equal(RangeListFlags.BeganNewRound, first.Flags);
        Assert.Equal((ulong)first.Header.Generation + 1, (ulong)second.Header.Generation);
    }

    [Fact]
    public void Reading_without_advance_leaves_the_round_as_it_is()
    {
        Write(1, 1);
        Assert.Equal(Dirty().Ranges, Dirty().Ranges);
        Assert.Equal(RangeListFlags.None, Dirty().Flags);
        Assert.Equal(1ul, _vm.Round);
    }

    [Fact]
    public void Undo_puts_the_previous_round_back_once()
    {
        Write(1, 1);
        Dirty(advance: true);
        Write(5, 1);
        Assert.Equal([new Range(1, 1, 1), new Range(1, 5, 1)], Dirty(undo: true).Ranges);
        Assert.Equal([new Range(1, 1, 1), new Range(1, 5, 1)], Dirty(undo: true, advance: true).Ranges);
        Assert.Empty(Dirty().Ranges);
        Assert.Equal([new Range(1, 1, 1), new Range(1, 5, 1)], Dirty(undo: true).Ranges);
    }

    [Fact]
    public void Undo_reaches_back_one_round_only()
    {
        Write(1, 1);
        Dirty(advance: true);
        Write(2, 1);
        Dirty(advance: true);
        Assert.Equal([new Range(1, 2, 1)], Dirty(undo: true).Ranges);
    }

    [Fact]
    public void A_truncated_list_leaves_the_rest_in_the_set()
    {
        ChangeTracker second = _vm.Track(new FakeNamespace(2, 100));
        _latch.LatchDirty(_vm, 1, advance: true, undo: false, NoLimit);
        for (ulong block = 0; block < 10; block += 2)
            Write(block, 1);
        second.Record(50, 1, _vm);

        RangeList first = Dirty(advance: true, mostRanges: 3);
        Assert.Equal([new Range(1, 0, 1), new Range(1, 2, 1), new Range(1, 4, 1)], first.Ranges);
        Assert.Equal(RangeListFlags.Truncated | RangeListFlags.BeganNewRound, first.Flags);
        RangeList rest = Dirty(advance: true, mostRanges: 3);
        Assert.Equal([new Range(1, 6, 1), new Range(1, 8, 1), new Range(2, 50, 1)], rest.Ranges);
        Assert.Equal(RangeListFlags.BeganNewRound, rest.Flags);
        Assert.Equal(rest.Ranges, Dirty(undo: true).Ranges);
    }

    [Fact]
    public void A_list_grows_beyond_the_memory_that_it_began_with()
    {
        for (ulong block = 0; block < 1000; block += 2)
            Write(block, 1);
        Assert.Equal(500, Dirty().Ranges.Length);
    }

    [Fact]
    public void The_header_tells_of_the_threshold()
    {
        _vm.Set(VmMigrationFlags.Active, 1, hostIsOwnManager: true);
        Write(0, 2);
        Assert.Equal(RangeListFlags.ThresholdExceeded, Dirty().Flags);
        _latch.LatchWritten(_vm, 1, NoLimit);
        Assert.Equal(RangeListFlags.ThresholdExceeded, RangeList.Parse(_latch.Page).Flags);
    }

    [Fact]
    public void A_namespace_that_is_attached_in_a_round_is_all_changed_but_not_written()
    {
        _vm.Track(new FakeNamespace(2, 100));
        Assert.Equal([new Range(2, 0, 100)], Dirty().Ranges);
        Assert.Equal(0ul, _vm.GranulesWritten);
    }

    [Fact]
    public void A_namespace_that_was_deleted_reads_as_zero_until_another_takes_its_number()
    {
        Write(3, 4);
        _tracker.Record(0, 1000, writer: null);
        _tracker.Abandon();
        Assert.Equal([new Range(1, 0, 1000, true)], Dirty().Ranges);
        Assert.Equal([new Range(1, 0, 1000, true)], Written().Ranges);

        _vm.Track(new FakeNamespace(1, 10));
        Assert.Equal([new Range(1, 0, 10)], Dirty().Ranges);
        Assert.Empty(Written().Ranges);
        Assert.Equal(0ul, _vm.GranulesWritten);
    }

    [Fact]
    public void A_namespace_that_is_detached_is_left_out_until_it_comes_back_with_what_the_VM_wrote()
    {
        Write(3, 4);
        _vm.Ignore(_tracker);
        Assert.Empty(Written().Ranges);
        Assert.Empty(Dirty().Ranges);
        Assert.Equal(0ul, _vm.GranulesWritten);

        Assert.Same(_tracker, _vm.Track(_ns));
        Assert.Equal([new Range(1, 3, 4)], Written().Ranges);
        Assert.Equal([new Range(1, 0, 1000)], Dirty().Ranges);
        Assert.Equal(4ul, _vm.GranulesWritten);
    }

    [Fact]
    public void A_namespace_that_was_formatted_with_other_blocks_is_all_changed()
    {
        Write(3, 4);
        (_ns.BlockShift, _ns.BlockCount) = (9, 8000);
        _tracker.Resize();
        Assert.Equal([new Range(1, 0, 8000)], Dirty(advance: true).Ranges);
        Assert.Equal(1000ul, _vm.GranulesWritten);
        Write(8, 1);
        Assert.Equal([new Range(1, 8, 8)], Dirty().Ranges);
    }

    private void Write(ulong start, ulong count) => _tracker.Record(start, count, _vm);

    private RangeList Dirty(bool advance = false, bool undo = false, int mostRanges = NoLimit)
    {
        _latch.LatchDirty(_vm, 1, advance, undo, mostRanges);
        return RangeList.Parse(_latch.Page);
    }

    private RangeList Written()
    {
        _latch.LatchWritten(_vm, 1, NoLimit);
        return RangeList.Parse(_latch.Page);
    }
}
