using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>What I/O commands do to the blocks of a namespace, for both block sizes (NVM Command Set 1.1, 3.3).</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class IoCommandTests : IDisposable
{
    private readonly TestTarget _target = new();
    private readonly HostController _controller;
    private readonly HostQueue _queue;

    public IoCommandTests() => _controller = _target.Connect(out _queue);

    public void Dispose()
    {
        _controller.Dispose();
        _target.Dispose();
    }

    [Theory]
    [InlineData(1, 4096, 1, 3)]
    [InlineData(2, 512, 3, 1)]
    [InlineData(2, 512, 7, 2)]
    [InlineData(2, 512, 5, 21)]
    [InlineData(2, 512, 8, 8)]
    public void A_write_changes_its_blocks_and_no_others(uint nsid, int blockBytes, ulong lba, int blocks)
    {
        byte[] around = Pattern(32 * blockBytes, seed: 1);
        Succeed(HostCommands.Write(nsid, 0, 32), around);
        byte[] data = Pattern(blocks * blockBytes, seed: 2);
        Succeed(HostCommands.Write(nsid, lba, blocks), data);
        data.CopyTo(around, (int)lba * blockBytes);
        AssertReads(nsid, 0, around);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void Blocks_never_written_read_as_zeroes(uint nsid, int blockBytes) =>
        AssertReads(nsid, 1000, new byte[16 * blockBytes]);

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void The_last_block_can_be_written(uint nsid, int blockBytes)
    {
        ulong last = nsid == 1 ? 16383u : 32767u;
        byte[] data = Pattern(blockBytes, seed: 3);
        Succeed(HostCommands.Write(nsid, last, 1), data);
        AssertReads(nsid, last, data);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void Write_zeroes_makes_its_blocks_read_as_zeroes(uint nsid, int blockBytes)
    {
        byte[] data = Pattern(32 * blockBytes, seed: 4);
        Succeed(HostCommands.Write(nsid, 0, 32), data);
        Succeed(HostCommands.Io(IoOpcode.WriteZeroes, nsid, 3, 11));
        data.AsSpan(3 * blockBytes, 11 * blockBytes).Clear();
        AssertReads(nsid, 0, data);
    }

    [SkippableTheory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void Deallocate_makes_all_its_ranges_read_as_zeroes(uint nsid, int blockBytes)
    {
        TestDoor.SkipLonger(64 * blockBytes);
        byte[] data = Pattern(64 * blockBytes, seed: 5);
        Succeed(HostCommands.Write(nsid, 0, 64), data);
        (ulong Start, uint Count)[] ranges = [(1, 2), (9, 17), (40, 1), (50, 0)];
        Succeed(HostCommands.Deallocate(nsid, ranges.Length), RangesOf(ranges));
        foreach ((ulong start, uint count) in ranges)
            data.AsSpan((int)start * blockBytes, (int)count * blockBytes).Clear();
        AssertReads(nsid, 0, data);
    }

    [Fact]
    public void Dataset_management_without_deallocate_changes_nothing()
    {
        byte[] data = Pattern(4096, seed: 6);
        Succeed(HostCommands.Write(1, 0, 1), data);
        SubmissionEntry entry = HostCommands.Deallocate(1, 1);
        entry.Cdw11 = 3;
        Succeed(entry, RangesOf([(0, 1)]));
        AssertReads(1, 0, data);
    }

    [Fact]
    public void A_range_of_dataset_management_beyond_the_namespace_fails_it_before_anything_changes()
    {
        byte[] data = Pattern(4096, seed: 7);
        Succeed(HostCommands.Write(1, 0, 1), data);
        HostCompletion completion = _queue.Execute(HostCommands.Deallocate(1, 2), RangesOf([(0, 1), (16383, 2)]));
        Assert.Equal(Status.LbaOutOfRange.WithDoNotRetry(), completion.Status);
        AssertReads(1, 0, data);
    }

    [Fact]
    public void Dataset_management_with_fewer_ranges_than_it_counts_is_refused()
    {
        HostCompletion completion = _queue.Execute(HostCommands.Deallocate(1, 3), RangesOf([(0, 1), (1, 1)]));
        Assert.Equal(Status.DataSglLengthInvalid.WithDoNotRetry(), completion.Status);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void Compare_tells_equal_from_different_in_every_block(uint nsid, int blockBytes)
    {
        byte[] data = Pattern(20 * blockBytes, seed: 8);
        Succeed(HostCommands.Write(nsid, 5, 20), data);
        Succeed(HostCommands.Io(IoOpcode.Compare, nsid, 5, 20), data);
        foreach (int position in (int[])[0, blockBytes, data.Length - 1])
        {
            data[position] ^= 1;
            HostCompletion completion = _queue.Execute(HostCommands.Io(IoOpcode.Compare, nsid, 5, 20), data);
            Assert.Equal(Status.CompareFailure.WithDoNotRetry(), completion.Status);
            data[position] ^= 1;
        }
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void Blocks_marked_uncorrectable_fail_until_they_are_written(uint nsid, int blockBytes)
    {
        Status unrecovered = Status.UnrecoveredReadError.WithDoNotRetry();
        byte[] block = Pattern(blockBytes, seed: 9);
        Succeed(HostCommands.Write(nsid, 21, 1), block);
        Succeed(HostCommands.Io(IoOpcode.WriteUncorrectable, nsid, 20, 2));

        Assert.Equal(unrecovered, _queue.Execute(HostCommands.Read(nsid, 21, 1), new byte[blockBytes]).Status);
        Assert.Equal(unrecovered, _queue.Execute(HostCommands.Read(nsid, 19, 2), new byte[2 * blockBytes]).Status);
        Assert.Equal(unrecovered, _queue.Execute(HostCommands.Io(IoOpcode.Verify, nsid, 20, 1)).Status);
        Assert.Equal(unrecovered, _queue.Execute(HostCommands.Io(IoOpcode.Compare, nsid, 20, 1), block).Status);
        Assert.Equal(unrecovered, _queue.Execute(CopyOf(nsid, 100, 1), SourcesOf([(20, 2)])).Status);

        Succeed(HostCommands.Write(nsid, 21, 1), block);
        AssertReads(nsid, 21, block);
        Assert.Equal(unrecovered, _queue.Execute(HostCommands.Read(nsid, 20, 1), new byte[blockBytes]).Status);
        Succeed(HostCommands.Io(IoOpcode.WriteZeroes, nsid, 20, 1));
        AssertReads(nsid, 20, new byte[blockBytes]);
    }

    [SkippableTheory]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    public void Copy_gathers_its_sources_even_when_they_overlap_the_destination(uint nsid, int blockBytes)
    {
        TestDoor.SkipLonger(64 * blockBytes);
        byte[] data = Pattern(64 * blockBytes, seed: 10);
        Succeed(HostCommands.Write(nsid, 0, 64), data);
        (ulong Start, uint Count)[] sources = [(8, 4), (0, 1), (10, 6), (60, 4)];
        Succeed(CopyOf(nsid, 9, sources.Length), SourcesOf(sources));

        byte[] expected = (byte[])data.Clone();
        int at = 9 * blockBytes;
        foreach ((ulong start, uint count) in sources)
        {
            data.AsSpan((int)start * blockBytes, (int)count * blockBytes).CopyTo(expected.AsSpan(at));
            at += (int)count * blockBytes;
        }

        AssertReads(nsid, 0, expected);
    }

    [SkippableFact]
    public void Copy_refuses_what_it_cannot_do()
    {
        TestDoor.SkipAtSpdks("SPDK answers a Copy of blocks onto themselves, whatever their number");
        AssertCopyFails(Status.LbaOutOfRange, CopyOf(1, 0, 1), [(16383, 2)]);
        AssertCopyFails(Status.LbaOutOfRange, CopyOf(1, 16383, 1), [(0, 2)]);
        AssertCopyFails(Status.LbaOutOfRange, CopyOf(1, ulong.MaxValue, 1), [(0, 1)]);
        AssertCopyFails(Status.CommandSizeLimitExceeded, CopyOf(1, 0, 1), [(0, 1025)]);
        AssertCopyFails(Status.CommandSizeLimitExceeded, CopyOf(1, 0, 2), [(0, 1000), (1000, 1000)]);
        AssertCopyFails(
            Status.CommandSizeLimitExceeded, CopyOf(1, 0, 129), [.. Enumerable.Repeat((0ul, 1u), 129)]);
        AssertCopyFails(Status.DataSglLengthInvalid, CopyOf(1, 0, 3), [(0, 1), (1, 1)]);
        foreach (uint format in (uint[])[1, 4, 15])
        {
            SubmissionEntry entry = CopyOf(1, 0, 1);
            entry.Cdw12 |= format << NvmCommandFields.CopyDescriptorFormatShift;
            AssertCopyFails(Status.InvalidField, entry, [(0, 1)]);
        }
    }

    [Fact]
    public void A_buffer_longer_than_the_blocks_gets_zeroes_at_its_end()
    {
        byte[] block = Pattern(4096, seed: 11);
        Succeed(HostCommands.Write(1, 0, 1), block);
        byte[] read = Pattern(12288, seed: 12);
        HostCompletion completion = _queue.Execute(HostCommands.Read(1, 0, 1), read);
        Assert.Equal((Status.Success, read.Length), (completion.Status, completion.Transferred));
        Assert.Equal(block, read[..4096]);
        Assert.Equal(new byte[8192], read[4096..]);
    }

    private void AssertCopyFails(Status status, SubmissionEntry entry, (ulong Start, uint Count)[] sources) =>
        Assert.Equal(status.WithDoNotRetry(), _queue.Execute(entry, SourcesOf(sources)).Status);

    private void Succeed(in SubmissionEntry entry, Span<byte> data = default) =>
        Assert.Equal(Status.Success, _queue.Execute(entry, data).Status);

    private void AssertReads(uint nsid, ulong lba, byte[] expected)
    {
        byte[] read = new byte[expected.Length];
        Succeed(HostCommands.Read(nsid, lba, expected.Length / (nsid == 1 ? 4096 : 512)), read);
        Assert.Equal(expected, read);
    }

    private static SubmissionEntry CopyOf(uint nsid, ulong destination, int sources) =>
        HostCommands.Io(IoOpcode.Copy, nsid, destination, sources);

    private static byte[] RangesOf((ulong Start, uint Count)[] ranges)
    {
        DsmRange[] wire = [.. ranges.Select(range => new DsmRange { Slba = range.Start, Llb = range.Count })];
        return MemoryMarshal.AsBytes(wire.AsSpan()).ToArray();
    }

    private static byte[] SourcesOf((ulong Start, uint Count)[] ranges)
    {
        CopyDescriptor[] wire =
            [.. ranges.Select(range => new CopyDescriptor { Slba = range.Start, Nlb = (ushort)(range.Count - 1) })];
        return MemoryMarshal.AsBytes(wire.AsSpan()).ToArray();
    }

    private static byte[] Pattern(int length, ulong seed)
    {
        byte[] data = new byte[length];
        new SeededRandom(seed).Fill(data);
        return data;
    }
}
