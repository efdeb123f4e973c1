using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Thousands of random commands by several queues, checked against an array; the seed repeats a run.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class ConsistencyTests
{
    private const PduDigests Both = PduDigests.Header | PduDigests.Data;
    private const int Commands = 4000;
    private const int Queues = 3;
    private const int Regions = 60;

    [Theory]
    [InlineData(1, 1, 4096, Both, false)]
    [InlineData(2, 1, 4096, PduDigests.None, true)]
    [InlineData(3, 1, 4096, PduDigests.Data, true)]
    [InlineData(4, 2, 512, Both, true)]
    [InlineData(5, 2, 512, PduDigests.Header, false)]
    [InlineData(6, 2, 512, PduDigests.None, false)]
    public void Every_block_reads_as_it_was_last_written(
        ulong seed, uint nsid, int blockBytes, PduDigests digests, bool disableFlowControl)
    {
        using var target = new TestTarget();
        HostOptions host = target.Host with { Digests = digests, DisableFlowControl = disableFlowControl };
        var workload = new RandomWorkload(seed, nsid, blockBytes, Regions, TestDoor.LongestTransferBytes);
        using HostController controller = target.Connect(host);
        HostQueue[] queues = [.. Enumerable.Range(0, Queues).Select(_ => target.ConnectIoQueue(controller, workload))];

        workload.Run(queues, Commands);
        Assert.Equal(8, workload.Executed.Count);
        Assert.Equal(Commands, workload.Executed.Values.Sum());
        AssertReadsAs(target, nsid, blockBytes, workload.Reference);
        TestTarget.Eventually("all buffers are back", () => target.BufferBytesInUse == 0);
    }

    /// <summary>A small medium makes garbage collection move most of what is written.</summary>
    [Fact]
    public void Every_block_reads_as_it_was_last_written_on_a_medium_that_is_nearly_full()
    {
        using var target = new TestTarget(TestTarget.SmallDrive with
        {
            CapacityBytes = 16 << 20,
            OverProvisioningPercent = 7,
            Namespaces = [new Device.NamespaceOptions { BlockBytes = 4096 }],
        });
        var workload = new RandomWorkload(seed: 77, nsid: 1, blockBytes: 4096, regions: 80, TestDoor.LongestTransferBytes);
        using HostController controller = target.Connect(target.Host with { Digests = Both });
        HostQueue[] queues = [.. Enumerable.Range(0, Queues).Select(_ => target.ConnectIoQueue(controller, workload))];
        workload.Run(queues, 2 * Commands);
        AssertReadsAs(target, 1, 4096, workload.Reference);
    }

    private static void AssertReadsAs(TestTarget target, uint nsid, int blockBytes, ReadOnlySpan<byte> expected)
    {
        using HostController controller = target.Connect(
            out HostQueue queue, target.Host with { HostNqn = "nqn.2026-11.io.emulator:reader" });
        const int blocks = RandomWorkload.RegionBlocks / 2;
        byte[] read = new byte[blocks * blockBytes];
        for (ulong lba = 0; !expected.IsEmpty; lba += blocks)
        {
            Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(nsid, lba, blocks), read).Status);
            Assert.True(expected[..read.Length].SequenceEqual(read), $"blocks from {lba} differ");
            expected = expected[read.Length..];
        }
    }
}
