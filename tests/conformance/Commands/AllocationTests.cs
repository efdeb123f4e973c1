using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The path of a command allocates nothing, neither in the target nor in the initiator.</summary>
public sealed class AllocationTests
{
    /// <summary>Namespace 1 of the test drive, less room for the longest command.</summary>
    private const int Blocks = 16_000;

    [Theory]
    [InlineData(1, PduDigests.None, false, 100_000)]
    [InlineData(1, PduDigests.Header | PduDigests.Data, true, 30_000)]
    [InlineData(8, PduDigests.None, false, 10_000)]
    [InlineData(32, PduDigests.Data, true, 3_000)]
    public void Reads_and_writes_allocate_nothing(int blocks, PduDigests digests, bool disableFlowControl, int commands)
    {
        using var target = new TestTarget();
        HostOptions host = target.Host with { Digests = digests, DisableFlowControl = disableFlowControl };
        var load = new Load(blocks);
        using HostController controller = target.Connect(host);
        HostQueue queue = target.ConnectIoQueue(controller, load);

        load.Run(queue, commands / 10);
        long targetBefore = AllocatedByTarget(target);
        long hostBefore = GC.GetAllocatedBytesForCurrentThread();
        load.Run(queue, commands);
        long hostAllocated = GC.GetAllocatedBytesForCurrentThread() - hostBefore;
        long targetAllocated = AllocatedByTarget(target) - targetBefore;

        Assert.Equal((0, 0, 0), (targetAllocated, hostAllocated, load.Failures));
    }

    /// <summary>The reactor counts when it goes to sleep: waits until it has after the last command.</summary>
    private static long AllocatedByTarget(TestTarget target)
    {
        Thread.Sleep(100);
        return target.Target.AllocatedBytes;
    }

    /// <summary>Keeps a queue full of random reads and writes.</summary>
    private sealed class Load(int blocks) : ICompletionSink
    {
        private readonly SeededRandom _random = new(42);
        private int _left;

        public int Failures { get; private set; }

        public void Run(HostQueue queue, int commands)
        {
            _left = commands;
            while (_left > 0 && queue.TryAcquire(out int slot))
                Submit(queue, slot);
            while (queue.Outstanding > 0)
                queue.Poll();
        }

        public void Completed(HostQueue queue, int slot, in HostCompletion completion)
        {
            if (!completion.IsSuccess)
                Failures++;
            if (_left > 0 && queue.IsConnected)
                Submit(queue, slot);
            else
                queue.Release(slot);
        }

        private void Submit(HostQueue queue, int slot)
        {
            _left--;
            ulong lba = _random.Below((ulong)Blocks);
            queue.Entry(slot) = _random.Chance(50)
                ? HostCommands.Read(1, lba, blocks)
                : HostCommands.Write(1, lba, blocks);
            queue.Submit(slot, blocks * 4096);
        }
    }
}
