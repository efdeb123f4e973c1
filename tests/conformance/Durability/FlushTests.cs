using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Media;
using Emulator.Tcp;
using Emulator.UnitTests.Device;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Hosts that wait for the medium, and hosts of the same reactor that do not.</summary>
public sealed class FlushTests : IDisposable
{
    private const uint ForcedAccess = 1u << 30;

    private static readonly DriveOptions Options = TestTarget.SmallDrive;

    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_host_that_waits_for_the_medium_holds_up_no_other(bool byForcedAccess)
    {
        MediumFormat format = Options.ToMediumFormat();
        var medium = new HeldMedium(new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true));
        TestTarget target = Start(medium);
        HostQueue waiting = Connect(target, "nqn.2026-11.io.emulator:one");
        HostQueue other = Connect(target, "nqn.2026-11.io.emulator:two");
        byte[] block = new byte[4096];
        block.AsSpan().Fill(9);
        SubmissionEntry command = byForcedAccess ? HostCommands.Write(1, 5, 1) : HostCommands.Flush(1);
        command.Cdw12 |= byForcedAccess ? ForcedAccess : 0;

        int slot = waiting.Begin(command, byForcedAccess ? block : default);
        for (ulong lba = 0; lba < 100; lba++)
        {
            Assert.True(other.Execute(HostCommands.Write(1, 100 + lba, 1), block).IsSuccess);
            Assert.True(other.Execute(HostCommands.Read(1, lba, 1), block).IsSuccess);
        }

        waiting.Poll();
        Assert.False(waiting.IsDone(slot));
        medium.Release();
        target.Target.Wake();
        Assert.True(waiting.Wait(slot).IsSuccess);
    }

    [Fact]
    public void A_host_that_goes_while_it_waits_leaves_nothing_behind()
    {
        MediumFormat format = Options.ToMediumFormat();
        var medium = new HeldMedium(new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true));
        TestTarget target = Start(medium);
        using (HostController controller = target.Connect(out HostQueue queue))
            queue.Begin(HostCommands.Flush(1));
        medium.Release();
        target.Target.Wake();
        target.AssertServes();
    }

    [Fact]
    public void Flushes_of_several_hosts_on_a_file_end_and_what_they_cover_is_read_by_the_next_drive()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileMedium medium = MediumFile.Make(path, Options.ToMediumFormat(), MediumAccess.Durable))
            using (var target = new TestTarget(medium, Options))
            {
                medium.SyncEnded = target.Target.Wake;
                WriteAndFlush(target);
                medium.SyncEnded = null;
            }

            using FileMedium again = MediumFile.Open(path, MediumAccess.Durable, out _);
            using var found = new TestTarget(again, Options);
            HostQueue queue = Connect(found, "nqn.2026-11.io.emulator:reader");
            byte[] read = new byte[4096];
            for (int i = 0; i < 3 * 50; i++)
            {
                Assert.True(queue.Execute(HostCommands.Read(1, (ulong)i, 1), read).IsSuccess);
                Assert.False(read.AsSpan().ContainsAnyExcept((byte)(i + 1)));
            }

            Dispose();
            _owned.Clear();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private void WriteAndFlush(TestTarget target)
    {
        HostQueue[] queues = [.. Enumerable.Range(0, 3).Select(i => Connect(target, $"nqn.2026-11.io.emulator:writer{i}"))];
        byte[] block = new byte[4096];
        for (int i = 0; i < 50; i++)
        {
            int[] slots = new int[queues.Length];
            for (int host = 0; host < queues.Length; host++)
            {
                int lba = (host * 50) + i;
                block.AsSpan().Fill((byte)(lba + 1));
                Assert.True(queues[host].Execute(HostCommands.Write(1, (ulong)lba, 1), block).IsSuccess);
                slots[host] = queues[host].Begin(HostCommands.Flush(1));
            }

            for (int host = 0; host < queues.Length; host++)
                Assert.True(queues[host].Wait(slots[host]).IsSuccess);
        }

        Dispose();
        _owned.Clear();
    }

    private TestTarget Start(Medium medium)
    {
        _owned.Add(medium);
        var target = new TestTarget(medium, Options);
        _owned.Add(target);
        return target;
    }

    private HostQueue Connect(TestTarget target, string nqn)
    {
        _owned.Add(target.Connect(out HostQueue queue, target.Host with { HostNqn = nqn }));
        return queue;
    }
}
