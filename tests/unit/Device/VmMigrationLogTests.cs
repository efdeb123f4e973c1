using System.Runtime.InteropServices;
using Emulator.Device;
using Emulator.UnitTests.Migration;
using Emulator.Wire;
using static Emulator.Wire.VendorCommandSet;
using static Emulator.Wire.VmMigrationFlags;
using Range = Emulator.UnitTests.Migration.Range;

namespace Emulator.UnitTests.Device;

public sealed class VmMigrationLogTests : IDisposable
{
    private readonly Drive _drive;
    private readonly TestHost _host;

    public VmMigrationLogTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    public static TheoryData<IoOpcode, Range> Changes => new()
    {
        { IoOpcode.Write, new Range(1, 40, 2) },
        { IoOpcode.WriteZeroes, new Range(1, 40, 2, true) },
        { IoOpcode.WriteUncorrectable, new Range(1, 40, 2) },
        { IoOpcode.DatasetManagement, new Range(1, 40, 2, true) },
        { IoOpcode.Copy, new Range(1, 40, 2) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Every_command_that_changes_what_blocks_read_as_is_in_both_lists(IoOpcode opcode, Range expected)
    {
        _host.Write(0, 64);
        _host.SetMigration(ClearWritten);
        _host.SetMigration(Active);
        Change(opcode, 40, 2);
        Assert.Equal([expected], _host.ReadDirty().Ranges);
        Assert.Equal([expected], _host.ReadRanges(LogPageId.VmWrittenRanges).Ranges);
    }

    [Fact]
    public void Compare_and_Write_is_in_the_list_when_it_wrote()
    {
        _host.SetMigration(Active);
        byte[] zero = new byte[4096];
        byte[] other = new byte[4096];
        other[0] = 1;
        Assert.False(CompareAndWrite(expected: other, written: other));
        Assert.Empty(_host.ReadDirty().Ranges);
        Assert.True(CompareAndWrite(expected: zero, written: other));
        Assert.Equal([new Range(1, 9, 1)], _host.ReadDirty().Ranges);
    }

    [Theory]
    [InlineData(IoOpcode.Read)]
    [InlineData(IoOpcode.Compare)]
    [InlineData(IoOpcode.Verify)]
    [InlineData(IoOpcode.Flush)]
    public void Commands_that_change_nothing_are_in_no_list(IoOpcode opcode)
    {
        _host.SetMigration(Active);
        Assert.True(_host.Transfer(opcode, 0, 1, new byte[4096]).IsSuccess);
        Assert.Empty(_host.ReadDirty().Ranges);
        Assert.Empty(_host.ReadRanges(LogPageId.VmWrittenRanges).Ranges);
    }

    [Fact]
    public void A_write_that_was_refused_is_in_no_list()
    {
        _host.SetMigration(Active);
        TestHost.AssertStatus(Status.LbaOutOfRange, _host.Transfer(IoOpcode.Write, 2047, 2, new byte[8192]));
        Assert.Empty(_host.ReadDirty().Ranges);
    }

    [Fact]
    public void Dirty_ranges_need_an_active_source_at_every_offset()
    {
        TestHost.AssertStatus(Status.MigrationNotActive, _host.TryGetLog(LogPageId.VmDirtyRanges, 64, out _));
        _host.SetMigration(Active);
        _host.ReadDirty();
        _host.SetMigration(None);
        TestHost.AssertStatus(Status.MigrationNotActive, _host.TryGetLog(LogPageId.VmDirtyRanges, 64, out _, offset: 64));
        _host.SetMigration(Active | Destination);
        TestHost.AssertStatus(Status.MigrationNotActive, _host.TryGetLog(LogPageId.VmDirtyRanges, 64, out _));
    }

    [Fact]
    public void A_page_read_in_pieces_is_of_one_piece_and_acts_once()
    {
        _host.SetMigration(Active);
        for (ulong block = 0; block < 1000; block += 2)
            _host.Write(block, 1);
        byte[] whole = _host.GetLog(LogPageId.VmDirtyRanges, 16384);

        List<byte> pieces = [];
        for (ulong offset = 0; offset < 16064; offset += 4096)
        {
            pieces.AddRange(_host.GetLog(LogPageId.VmDirtyRanges, 4096, offset, specific: LspAdvance));
            _host.Write(1, 1);
        }

        // Generation and the flag of the new round are the only differences.
        byte[] expected = [.. whole];
        MemoryMarshal.AsRef<RangeListHeader>(expected.AsSpan()).Generation = 2;
        MemoryMarshal.AsRef<RangeListHeader>(expected.AsSpan()).Flags = (uint)RangeListFlags.BeganNewRound;
        Assert.Equal(expected, pieces);
        Assert.Equal(2ul, (ulong)_host.ReadStatus().Round);
    }

    [Theory]
    [InlineData(LogPageId.VmMigrationStatus, VmMigrationStatus.Size)]
    [InlineData(LogPageId.VmDirtyRanges, 96)]
    [InlineData(LogPageId.VmWrittenRanges, 96)]
    public void Beyond_the_end_there_are_zeroes_and_then_an_invalid_field(LogPageId page, int pageLength)
    {
        _host.SetMigration(Active);
        _host.Write(7, 1);
        byte[] data = _host.GetLog(page, 4096);
        Assert.All(data[pageLength..], b => Assert.Equal(0, b));
        Assert.All(_host.GetLog(page, 256, (ulong)pageLength), b => Assert.Equal(0, b));
        Assert.Equal(data[(pageLength - 4)..pageLength], _host.GetLog(page, 256, (ulong)pageLength - 4)[..4]);
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(page, 4, out _, (ulong)pageLength + 4));
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(page, 4, out _, ulong.MaxValue - 3));
    }

    [Theory]
    [InlineData(LogPageId.VmMigrationStatus, 1, 0ul, 0u)]
    [InlineData(LogPageId.VmMigrationStatus, 0, 2ul, 0u)]
    [InlineData(LogPageId.VmMigrationStatus, 0, 0ul, 0x0080_0000u)]
    [InlineData(LogPageId.VmDirtyRanges, 4, 0ul, 0u)]
    [InlineData(LogPageId.VmDirtyRanges, 0x40, 0ul, 0u)]
    [InlineData(LogPageId.VmDirtyRanges, 1, 1ul, 0u)]
    [InlineData(LogPageId.VmDirtyRanges, 1, 0ul, 0x80u)]
    [InlineData(LogPageId.VmDirtyRanges, 1, 0ul, 2u)]
    [InlineData(LogPageId.VmWrittenRanges, 1, 0ul, 0u)]
    [InlineData(LogPageId.VmWrittenRanges, 2, 0ul, 0u)]
    public void A_field_that_means_nothing_is_invalid_and_no_round_begins(LogPageId page, byte actions, ulong offset, uint cdw14)
    {
        _host.SetMigration(Active);
        TestHost.AssertStatus(
            Status.InvalidField, _host.TryGetLog(page, 64, out _, offset, specific: actions, cdw14: cdw14));
        Assert.Equal(1ul, (ulong)_host.ReadStatus().Round);
    }

    [Theory]
    [InlineData((LogPageId)0xCF)]
    [InlineData((LogPageId)0xD9)]
    public void Pages_that_this_version_does_not_have_are_invalid(LogPageId page) =>
        TestHost.AssertStatus(Status.InvalidLogPage, _host.TryGetLog(page, 64, out _));

    [Fact]
    public void Going_on_needs_a_beginning()
    {
        _host.SetMigration(Active);
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.VmDirtyRanges, 64, out _, offset: 64));
        _host.GetLog(LogPageId.VmDirtyRanges, 64);
        _host.ResetController();
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.VmDirtyRanges, 64, out _, offset: 64));
    }

    [Fact]
    public void Each_reader_has_its_own_latched_copy_of_each_page_and_target()
    {
        const string managerNqn = "nqn.2026-11.io.emulator:hypervisor";
        using var drive = new Drive(TestHost.SmallDrive with { Managers = [managerNqn] });
        var clock = new TestClock();
        TestHost manager = TestHost.Connect(drive, clock, managerNqn, hostId: 9);
        TestHost second = TestHost.Connect(drive, clock, managerNqn, hostId: 10);
        TestHost vm = TestHost.Connect(drive, clock);
        ushort target = vm.ControllerId;
        vm.Write(0, 1);
        byte[] before = manager.GetLog(LogPageId.VmWrittenRanges, 96, specificIdentifier: target);
        vm.Write(1, 1);
        second.GetLog(LogPageId.VmWrittenRanges, 96, specificIdentifier: target);
        Assert.Equal(before[64..], manager.GetLog(LogPageId.VmWrittenRanges, 32, 64, specificIdentifier: target));
        TestHost.AssertStatus(
            Status.CommandSequenceError,
            manager.TryGetLog(LogPageId.VmWrittenRanges, 32, out _, 64, specificIdentifier: second.ControllerId));
    }

    [Fact]
    public void The_status_page_counts_granules()
    {
        _host.Write(0, 4);
        _host.SetMigration(Active);
        _host.Write(2, 4);
        VmMigrationStatus status = _host.ReadStatus();
        Assert.Equal((6ul, 4ul), ((ulong)status.GranulesWritten, (ulong)status.GranulesDirty));
    }

    [Fact]
    public void A_list_that_is_truncated_says_so_and_goes_on_with_the_next_round()
    {
        using var drive = new Drive(TestHost.SmallDrive with { MaxReportedRanges = 2 });
        TestHost host = TestHost.Connect(drive, new TestClock());
        host.SetMigration(Active);
        for (ulong block = 0; block < 6; block += 2)
            host.Write(block, 1);
        RangeList first = host.ReadDirty(LspAdvance);
        Assert.Equal(RangeListFlags.Truncated | RangeListFlags.BeganNewRound, first.Flags);
        Assert.Equal([new Range(1, 0, 1), new Range(1, 2, 1)], first.Ranges);
        Assert.Equal([new Range(1, 4, 1)], host.ReadDirty(LspAdvance).Ranges);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(16384)]
    public void Whether_a_granule_reads_as_zero_is_told_for_each(int granuleBytes)
    {
        using var drive = new Drive(TestHost.SmallDrive with { TrackingGranuleBytes = granuleBytes });
        TestHost host = TestHost.Connect(drive, new TestClock());
        ulong granule = (ulong)granuleBytes / 4096;
        host.SetMigration(Active);
        Change(host, IoOpcode.WriteZeroes, 0, 600);
        host.Write(granule * 10, 1);
        host.Write((granule * 12) - 1, 2);
        Change(host, IoOpcode.WriteUncorrectable, 256, 1);
        ulong end = (600 + granule - 1) / granule * granule;
        Assert.Equal(
            [
                new Range(1, 0, granule * 10, true),
                new Range(1, granule * 10, granule * 3),
                new Range(1, granule * 13, 256 - (granule * 13), true),
                new Range(1, 256, granule),
                new Range(1, 256 + granule, end - 256 - granule, true),
            ],
            host.ReadDirty().Ranges);
    }

    [Fact]
    public void A_deleted_namespace_is_reported_as_zero()
    {
        _host.Write(0, 1);
        _host.SetMigration(Active);
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.NamespaceManagement, nsid: 1, cdw10: 1));
        Assert.Equal([new Range(1, 0, 2048, true)], _host.ReadDirty().Ranges);
        Assert.Equal([new Range(1, 0, 2048, true)], _host.ReadRanges(LogPageId.VmWrittenRanges).Ranges);
    }

    [Fact]
    public void A_formatted_namespace_is_all_changed_in_its_new_blocks()
    {
        _host.Write(0, 1);
        _host.SetMigration(Active);
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: (uint)LbaFormatIndex.Bytes512));
        Assert.Equal([new Range(1, 0, 16384, true)], _host.ReadDirty(LspAdvance).Ranges);
        _host.Write(9, 1, blockBytes: 512);
        Assert.Equal([new Range(1, 8, 8)], _host.ReadDirty().Ranges);
    }

    private bool CompareAndWrite(byte[] expected, byte[] written)
    {
        QueuePair queue = _host.IoQueue(1);
        SubmissionEntry first = _host.Entry((byte)IoOpcode.Compare, 1, 9, 0, 0, 0, 0, 0);
        SubmissionEntry second = _host.Entry((byte)IoOpcode.Write, 1, 9, 0, 0, 0, 0, 0);
        (first.Fuse, second.Fuse) = (FusedOperation.First, FusedOperation.Second);
        queue.Controller.SubmitFused(
            _host.Clock.Now, queue, first, expected, second, written, out _, out CommandOutcome outcome);
        return outcome.IsSuccess;
    }

    private void Change(IoOpcode opcode, ulong start, int count) => Change(_host, opcode, start, count);

    private static void Change(TestHost host, IoOpcode opcode, ulong start, int count)
    {
        CommandOutcome outcome = opcode switch
        {
            IoOpcode.DatasetManagement => Deallocate(host, start, count),
            IoOpcode.Copy => Copy(host, start, count),
            _ => host.Transfer(opcode, start, count, new byte[count * 4096]),
        };
        TestHost.AssertStatus(Status.Success, outcome);
    }

    internal static CommandOutcome Deallocate(TestHost host, ulong start, int count)
    {
        var range = new DsmRange { Slba = start, Llb = (uint)count };
        return host.Io(IoOpcode.DatasetManagement, WireStruct.Bytes(ref range), cdw11: 4);
    }

    internal static CommandOutcome Copy(TestHost host, ulong destination, int count, ulong source = 0)
    {
        var descriptor = new CopyDescriptor { Slba = source, Nlb = (ushort)(count - 1) };
        return host.Io(
            IoOpcode.Copy,
            WireStruct.Bytes(ref descriptor),
            cdw10: (uint)destination,
            cdw11: (uint)(destination >> 32));
    }
}
