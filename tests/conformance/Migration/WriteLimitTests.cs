using System.Diagnostics;
using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>Feature D3h over the wire, from the text of the contract.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class WriteLimitTests : IDisposable
{
    private const byte Feature = 0xD3;
    private const uint Active = 1;
    private const uint Halted = 4;
    private const uint Lease = 60_000;

    private readonly MigrationPair _pair = new();

    private VendorClient Manager => _pair.Source;

    private ushort Target => _pair.From;

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void The_drive_says_that_it_can_hold_a_VM()
    {
        byte[] identify = new byte[4096];
        Assert.True(Manager.Controller.Admin.Execute(HostCommands.Identify(IdentifyCns.Controller), identify).IsSuccess);
        Assert.Equal(1u, U32(identify, 3080) >> 15 & 1);
    }

    [Theory]
    [InlineData(1024u, 1000u, 0u, 0u, nameof(Status.Success))]
    [InlineData(1u, 60_000u, 0u, 0u, nameof(Status.Success))]
    [InlineData(0u, 0u, 0u, 0u, nameof(Status.Success))]
    [InlineData(1024u, 0u, 0u, 0u, nameof(Status.InvalidField))]
    [InlineData(1024u, 60_001u, 0u, 0u, nameof(Status.InvalidField))]
    [InlineData(0u, 1u, 0u, 0u, nameof(Status.InvalidField))]
    [InlineData(1024u, 1000u, 1u, 0u, nameof(Status.InvalidField))]
    [InlineData(1024u, 1000u, 0u, 1u, nameof(Status.InvalidField))]
    public void Fields_are_checked(uint units, uint milliseconds, uint cdw15, uint bitsOfCdw11, string status)
    {
        Manager.Migrate(Active, target: Target);
        Status expected = Statuses.Named(status);
        Assert.Equal(
            expected.IsSuccess ? expected : expected.WithDoNotRetry(),
            Manager.Set(Feature, ((uint)Target << 16) | bitsOfCdw11, units, cdw13: milliseconds, cdw15: cdw15));
        Assert.Equal(expected.IsSuccess ? units : 0, Manager.Get(Feature, (uint)Target << 16).Dw0);
        Assert.Equal(expected.IsSuccess ? units * 1024UL : 0, U64(Manager.GetLog(0xD0, 256, lsi: Target), 192));
    }

    [Fact]
    public void Only_a_source_that_runs_can_be_held_and_only_by_a_manager()
    {
        Assert.Equal(Status.MigrationNotActive, Limit(1024));
        Manager.Migrate(Active | Halted, target: Target);
        Assert.Equal(Status.MigrationNotActive, Limit(1024));
        Manager.Migrate(Active, target: Target);
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), new VendorClient(_pair.Vm).Set(Feature, 0, 1024, cdw13: Lease));
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), new VendorClient(_pair.Vm).Get(Feature).Status);
        Assert.Equal(Status.Success, Limit(1024));
        Assert.Equal(Status.FeatureNotSaveable.WithDoNotRetry(), Manager.Set(Feature, (uint)Target << 16, 1024, cdw13: Lease, cdw10Bits: 1u << 31));
    }

    [Fact]
    public void A_VM_that_is_held_writes_at_the_rate_and_reads_and_flushes_as_ever()
    {
        Manager.Migrate(Active, target: Target);
        Assert.Equal(Status.Success, Limit(400));
        long began = Stopwatch.GetTimestamp();
        for (ulong block = 0; block < 41; block++)
            MigrationPair.Write(_pair.VmQueue, block, 1);

        // 100 a second, but for the first, which was saved up in part.
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Assert.InRange(seconds, 0.39, 5);
        byte[] page = Manager.GetLog(0xD0, 256, lsi: Target);
        Assert.InRange(U64(page, 208), 35UL, 41UL);
        Assert.InRange(U64(page, 216) / 1e9, 0.3, seconds);

        began = Stopwatch.GetTimestamp();
        for (ulong block = 0; block < 41; block++)
            Assert.True(_pair.VmQueue.Execute(HostCommands.Read(1, block, 1), new byte[4096]).IsSuccess);
        Assert.True(_pair.VmQueue.Execute(HostCommands.Io(IoOpcode.Flush, 1, 0, 0)).IsSuccess);
        Assert.Equal(U64(page, 208), U64(Manager.GetLog(0xD0, 256, lsi: Target), 208));
        Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds < 0.35, "reads are not held");
    }

    [Theory]
    [InlineData("limit 0")]
    [InlineData("halted")]
    [InlineData("cancelled")]
    [InlineData("lease")]
    [InlineData("abort")]
    public void A_write_that_is_held_is_answered_when_the_VM_is_let_go(string way)
    {
        Manager.Migrate(Active, target: Target);
        Assert.Equal(Status.Success, Limit(1, way == "lease" ? 300u : Lease));
        int request = _pair.VmQueue.Begin(HostCommands.Write(1, 0, 1), new byte[4096]);
        TestTarget.Eventually("the write is held", () => U64(Manager.GetLog(0xD0, 256, lsi: Target), 200) == 1);
        long began = Stopwatch.GetTimestamp();
        switch (way)
        {
            case "limit 0":
                Assert.Equal(Status.Success, Limit(0, 0));
                break;
            case "halted":
                Manager.Migrate(Active | Halted, target: Target);
                break;
            case "cancelled":
                Manager.Migrate(0, target: Target);
                break;
            case "abort":
                // Which identifier the initiator took for the first command of the queue is its own matter.
                for (uint cid = 0; cid <= ushort.MaxValue; cid += cid % 4096 < 4 ? 1u : 4092)
                    _pair.Vm.Admin.Execute(new SubmissionEntry { Opcode = (byte)AdminOpcode.Abort, Cdw10 = 1 | (cid << 16) }, []);
                break;
        }

        Assert.True(_pair.VmQueue.Wait(request).IsSuccess);

        // A rate of 1 KiB a second would hold it for 4 s.
        Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds < 3);
        Assert.Equal(0UL, U64(Manager.GetLog(0xD0, 256, lsi: Target), 200));
    }

    [Fact]
    public void A_manager_that_is_gone_holds_nobody_for_ever()
    {
        Manager.Migrate(Active, target: Target);
        Assert.Equal(Status.Success, Limit(4, 500));
        Manager.Controller.Dispose();
        long began = Stopwatch.GetTimestamp();
        for (ulong block = 0; block < 200; block++)
            MigrationPair.Write(_pair.VmQueue, block, 1);

        // At 4 KiB a second these would take minutes.
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 5);
    }

    [Fact]
    public void A_host_that_is_gone_takes_what_was_held_along_and_is_held_when_it_is_back()
    {
        Manager.Migrate(Active, target: Target);
        Assert.Equal(Status.Success, Limit(1));
        _pair.VmQueue.Begin(HostCommands.Write(1, 0, 1), new byte[4096]);
        TestTarget.Eventually("the write is held", () => U64(Manager.GetLog(0xD0, 256, lsi: Target), 200) == 1);
        _pair.Vm.Dispose();
        using HostController again = _pair.SourceTarget.Connect(out HostQueue queue, _pair.SourceTarget.Host with { HostNqn = MigrationPair.VmNqn });
        int request = queue.Begin(HostCommands.Write(1, 1, 1), new byte[4096]);
        TestTarget.Eventually("its write is held", () => U64(Manager.GetLog(0xD0, 256, lsi: again.Id), 208) == 2);
        Assert.Equal(Status.Success, Manager.Set(Feature, (uint)again.Id << 16));
        Assert.True(queue.Wait(request).IsSuccess);
    }

    private Status Limit(uint units, uint milliseconds = Lease) => Manager.Set(Feature, (uint)Target << 16, units, cdw13: milliseconds);
}
