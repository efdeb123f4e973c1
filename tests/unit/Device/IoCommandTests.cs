using System.Runtime.InteropServices;
using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>I/O commands on one namespace of 2048 blocks of 4096 bytes: what they do, and what they refuse.</summary>
public sealed class IoCommandTests : IDisposable
{
    private const int BlockBytes = 4096;
    private const ulong LastBlock = 2047;

    private readonly Drive _drive;
    private readonly TestHost _host;

    public IoCommandTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void What_was_written_is_read_and_the_rest_of_a_longer_buffer_is_zero()
    {
        Write(LastBlock, 1);
        byte[] data = new byte[2 * BlockBytes];
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, LastBlock, 1, data));
        Assert.All(data[..BlockBytes], value => Assert.Equal(1, value));
        Assert.All(data[BlockBytes..], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(IoOpcode.Read)]
    [InlineData(IoOpcode.Write)]
    [InlineData(IoOpcode.Compare)]
    [InlineData(IoOpcode.Verify)]
    [InlineData(IoOpcode.WriteZeroes)]
    [InlineData(IoOpcode.WriteUncorrectable)]
    public void Blocks_beyond_the_end_are_out_of_range(IoOpcode opcode)
    {
        byte[] data = new byte[2 * BlockBytes];
        TestHost.AssertStatus(Status.LbaOutOfRange, _host.Transfer(opcode, LastBlock, 2, data));
        TestHost.AssertStatus(Status.LbaOutOfRange, _host.Transfer(opcode, ulong.MaxValue, 2, data));
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, _host.Transfer(opcode, 0, 1, data, nsid: 17));
        TestHost.AssertStatus(Status.InvalidField, _host.Transfer(opcode, 0, 1, data, nsid: 2));
    }

    [Fact]
    public void Data_shorter_than_the_blocks_is_an_invalid_length() =>
        TestHost.AssertStatus(Status.DataSglLengthInvalid, _host.Transfer(IoOpcode.Read, 0, 2, new byte[BlockBytes]));

    [Fact]
    public void A_transfer_longer_than_MDTS_is_an_invalid_field() =>
        TestHost.AssertStatus(Status.InvalidField, _host.Transfer(IoOpcode.Read, 0, 129, new byte[129 * BlockBytes]));

    [Fact]
    public void A_block_written_as_uncorrectable_fails_until_it_is_written()
    {
        Write(8, 3);
        _host.Io(IoOpcode.WriteUncorrectable, cdw10: 8);
        byte[] data = new byte[BlockBytes];
        TestHost.AssertStatus(Status.UnrecoveredReadError, _host.Transfer(IoOpcode.Read, 8, 1, data));
        TestHost.AssertStatus(Status.UnrecoveredReadError, _host.Io(IoOpcode.Verify, cdw10: 8));
        Write(8, 4);
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, 8, 1, data));
        Assert.Equal(4, data[0]);
    }

    [Fact]
    public void Compare_tells_equal_from_different()
    {
        Write(1, 5);
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Compare, 1, 1, Block(5)));
        TestHost.AssertStatus(Status.CompareFailure, _host.Transfer(IoOpcode.Compare, 1, 1, Block(6)));
    }

    [Theory]
    [InlineData(5, 7, 0x000, 0x000)]
    [InlineData(6, 5, 0x285, 0x009)]
    public void Compare_and_write_writes_if_the_blocks_are_equal(byte expected, byte left, ushort first, ushort second)
    {
        Write(1, 5);
        SubmissionEntry compare = _host.Entry((byte)IoOpcode.Compare, 1, 1, 0, 0, 0, 0, 0);
        SubmissionEntry write = _host.Entry((byte)IoOpcode.Write, 1, 1, 0, 0, 0, 0, 0);
        QueuePair queue = _host.IoQueue(1);

        queue.Controller.SubmitFused(
            default, queue, compare, Block(expected), write, Block(7), out CommandOutcome firstOutcome, out CommandOutcome secondOutcome);

        TestHost.AssertStatus(new Status(first), firstOutcome);
        TestHost.AssertStatus(new Status(second), secondOutcome);
        Assert.Equal(left, Read(1));
    }

    [Fact]
    public void The_time_of_both_commands_of_a_fused_pair_counts_for_the_VM()
    {
        DeviceProfile profile = DeviceProfile.Find("array-ssd")!;
        TestHost host = TestHost.ConnectToNewDrive(
            out Drive drive,
            TestHost.SmallDrive with { Profile = profile, Timing = DriveTiming.Model, Cache = new CacheOptions { Mode = CacheMode.Off } });
        using Drive owned = drive;
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 1, 1, Block(0)));
        host.Wait(SimDuration.FromMilliseconds(10));
        SubmissionEntry compare = host.Entry((byte)IoOpcode.Compare, 1, 1, 0, 0, 0, 0, 0);
        SubmissionEntry write = host.Entry((byte)IoOpcode.Write, 1, 1, 0, 0, 0, 0, 0);
        ulong before = host.ReadStatus().IoNanoseconds;

        host.IoQueue(1).Controller.SubmitFused(
            host.Clock.Now, host.IoQueue(1), compare, Block(0), write, Block(7), out CommandOutcome first, out CommandOutcome second);

        ulong both = (ulong)(first.Due - host.Clock.Now).Nanoseconds + (ulong)(second.Due - host.Clock.Now).Nanoseconds;
        Assert.True(both >= (ulong)profile.Array!.TimeToWrite(4096).Nanoseconds, $"{both} ns");
        Assert.Equal(both, host.ReadStatus().IoNanoseconds - before);
    }

    [Fact]
    public void Zeroes_and_deallocation_leave_zeroes()
    {
        Write(2, 1);
        Write(3, 1);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.WriteZeroes, cdw10: 2));
        var range = new DsmRange { Slba = 3, Llb = 1 };
        TestHost.AssertStatus(
            Status.Success, _host.Io(IoOpcode.DatasetManagement, WireStruct.Bytes(ref range), cdw11: DsmRange.AttributeDeallocate));
        Assert.Equal((0, 0), (Read(2), Read(3)));
    }

    [Fact]
    public void Dataset_management_checks_every_range_before_it_acts_and_takes_an_empty_one()
    {
        Write(3, 1);
        DsmRange[] ranges = [new() { Slba = 3, Llb = 1 }, new() { Slba = LastBlock, Llb = 2 }];
        TestHost.AssertStatus(
            Status.LbaOutOfRange,
            _host.Io(IoOpcode.DatasetManagement, MemoryMarshal.AsBytes(ranges.AsSpan()), cdw10: 1, cdw11: DsmRange.AttributeDeallocate));
        Assert.Equal(1, Read(3));
        var empty = default(DsmRange);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.DatasetManagement, WireStruct.Bytes(ref empty)));
    }

    [Fact]
    public void Copy_gathers_ranges_that_may_overlap_what_they_go_to()
    {
        Write(10, 1);
        Write(11, 2);
        CopyDescriptor[] sources = [new() { Slba = 11 }, new() { Slba = 10, Nlb = 1 }];

        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Copy, MemoryMarshal.AsBytes(sources.AsSpan()), cdw10: 10, cdw12: 1));

        Assert.Equal((2, 1, 2), (Read(10), Read(11), Read(12)));
    }

    [Fact]
    public void Copy_refuses_other_formats_and_too_many_blocks()
    {
        CopyDescriptor[] sources = [new() { Nlb = 1024 }];
        Span<byte> data = MemoryMarshal.AsBytes(sources.AsSpan());
        TestHost.AssertStatus(Status.CommandSizeLimitExceeded, _host.Io(IoOpcode.Copy, data, cdw10: 10));
        TestHost.AssertStatus(Status.InvalidField, _host.Io(IoOpcode.Copy, data, cdw10: 10, cdw12: 1 << 8));
        TestHost.AssertStatus(Status.DataSglLengthInvalid, _host.Io(IoOpcode.Copy, data, cdw10: 10, cdw12: 1));
    }

    [Fact]
    public void Flush_takes_one_namespace_or_all()
    {
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush, nsid: uint.MaxValue));
        TestHost.AssertStatus(Status.InvalidField, _host.Io(IoOpcode.Flush, nsid: 2));
    }

    [Theory]
    [InlineData(0x03)]
    [InlineData(0x12)]
    [InlineData(0x18)]
    [InlineData(0x7E)]
    [InlineData(0xFF)]
    public void An_opcode_that_is_not_there_is_invalid(byte opcode) =>
        TestHost.AssertStatus(Status.InvalidOpcode, _host.Io((IoOpcode)opcode));

    private static byte[] Block(byte value)
    {
        byte[] block = new byte[BlockBytes];
        block.AsSpan().Fill(value);
        return block;
    }

    private void Write(ulong lba, byte value) =>
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, lba, 1, Block(value)));

    private int Read(ulong lba)
    {
        byte[] data = new byte[BlockBytes];
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, lba, 1, data));
        return data[0];
    }
}
