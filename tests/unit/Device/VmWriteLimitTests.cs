using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Device;

/// <summary>Feature D3h: a VM that migrates is held to a rate of writes, in virtual time.</summary>
public sealed class VmWriteLimitTests : IDisposable
{
    private const int BlockBytes = 4096;

    /// <summary>A block takes 4 ms, and the first of a VM that wrote nothing is free.</summary>
    private const uint KibibytesPerSecond = 1000;

    private static readonly SimDuration Block = SimDuration.FromMicroseconds(4000);
    private static readonly byte[] Data = new byte[BlockBytes];

    private readonly Drive _drive;
    private readonly TestHost _host;

    public VmWriteLimitTests()
    {
        _host = TestHost.ConnectToNewDrive(out _drive);
        _host.SetMigration(Active);
    }

    private List<(ushort CommandId, CommandOutcome Outcome)> Answers => _host.IoEndpoint.Posted;

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Writes_are_answered_at_the_rate_in_the_order_in_which_they_came()
    {
        Limit(_host);
        Assert.Equal(OutcomeKind.Completed, Write(0).Kind);
        ushort[] held = [.. Enumerable.Range(1, 20).Select(block => Held(Write((ulong)block)))];
        Assert.Equal(20UL, _host.ReadStatus().CommandsHeld.Value);

        // 5 ms were saved up, of which the first took 4.
        for (int answered = 1; answered <= 20; answered++)
        {
            _host.Wait(SimTime.Zero + (Block * answered) - SimDuration.FromMicroseconds(1001) - _host.Clock.Now);
            Assert.Equal(answered - 1, Answers.Count);
            _host.Wait(SimDuration.FromMicroseconds(1));
            Assert.Equal(answered, Answers.Count);
        }

        Assert.Equal(held, Answers.Select(answer => answer.CommandId));
        Assert.All(Answers, answer => Assert.Equal(Status.Success, answer.Outcome.Status));
        VmMigrationStatus status = _host.ReadStatus();
        Assert.Equal((KibibytesPerSecond * 1024UL, 0UL, 20UL), (status.WriteLimit.Value, status.CommandsHeld.Value, status.CommandsHeldInAll.Value));
        Assert.Equal((ulong)((Block * 210).Nanoseconds - (20 * 1_000_000)), status.NanosecondsHeld.Value);
        Assert.Equal(status.NanosecondsHeld.Value, status.IoNanoseconds.Value);
    }

    [Fact]
    public void Reads_and_flushes_pass_and_see_what_was_written()
    {
        Limit(_host);
        byte[] written = new byte[BlockBytes];
        new SeededRandom(1).Fill(written);
        for (ulong block = 0; block < 10; block++)
            _host.Transfer(IoOpcode.Write, block, 1, written);

        byte[] read = new byte[BlockBytes];
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, 9, 1, read));
        Assert.Equal(written, read);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Verify, 0, 1, default));
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Compare, 9, 1, written));
        Assert.Empty(Answers);
    }

    [Theory]
    [InlineData(IoOpcode.Write, 1)]
    [InlineData(IoOpcode.WriteZeroes, 1)]
    [InlineData(IoOpcode.WriteUncorrectable, 1)]
    [InlineData(IoOpcode.DatasetManagement, 1)]
    [InlineData(IoOpcode.Copy, 8)]
    public void Every_command_that_changes_blocks_counts_as_its_data_and_at_least_as_a_granule(IoOpcode opcode, int blocks)
    {
        Limit(_host);
        Write(0);
        Held(Change(opcode, blocks));
        Held(Write(1));
        _host.Wait((Block * (blocks + 1)) - SimDuration.FromMicroseconds(1001));
        Assert.Single(Answers);
        _host.Wait(SimDuration.FromMicroseconds(1));
        Assert.Equal(2, Answers.Count);
    }

    [Fact]
    public void A_command_that_fails_is_neither_held_nor_counted()
    {
        Limit(_host);
        Write(0);
        for (int i = 0; i < 10; i++)
            TestHost.AssertStatus(Status.LbaOutOfRange, _host.Transfer(IoOpcode.Write, 1 << 20, 1, Data));
        Held(Write(1));
        _host.Wait(SimDuration.FromMilliseconds(3));
        Assert.Single(Answers);
    }

    [Fact]
    public void Commands_of_all_queues_take_turns_as_they_came()
    {
        Limit(_host);
        QueuePair second = _host.IoQueue(2);
        var order = new List<ushort>();
        Write(0);
        for (int i = 0; i < 10; i++)
        {
            order.Add(Held(Write(1)));
            SubmissionEntry entry = _host.Entry((byte)IoOpcode.Write, 1, 2, 0, 0, 0, 0, 0);
            order.Add(entry.Cid);
            Assert.Equal(OutcomeKind.Pending, _host.Submit(second, entry, Data).Kind);
        }

        var endpoint = (TestEndpoint)second.Endpoint;
        for (int answered = 1; answered <= 20; answered++)
        {
            _host.Wait(Block);
            Assert.Equal((answered, answered % 2 == 1 ? 1 : 0), (Answers.Count + endpoint.Posted.Count, Answers.Count - endpoint.Posted.Count));
        }

        Assert.Equal(order, Answers.Zip(endpoint.Posted, (one, other) => new[] { one.CommandId, other.CommandId }).SelectMany(ids => ids));
    }

    public static TheoryData<string> WaysToLetGo => ["limit 0", "lease", "cancelled", "completed", "halted"];

    [Theory]
    [MemberData(nameof(WaysToLetGo))]
    public void A_VM_that_is_let_go_is_answered_at_once_and_not_held_again(string way)
    {
        Limit(_host);
        for (ulong block = 0; block < 100; block++)
            Write(block);
        Assert.Empty(Answers);
        switch (way)
        {
            case "limit 0":
                TestHost.AssertStatus(Status.Success, TryLimit(_host, 0, 0));
                break;
            case "lease":
                _host.Wait(SimDuration.FromMilliseconds(1000));
                break;
            case "halted":
                _host.SetMigration(Active | Halted);
                Assert.Equal(99, Answers.Count);
                _host.SetMigration(Active);
                break;
            default:
                _host.SetMigration(way == "completed" ? Completed : None);
                break;
        }

        Assert.Equal(99, Answers.Count);
        Assert.All(Answers, answer => Assert.Equal(Status.Success, answer.Outcome.Status));
        Assert.Equal(0u, Limited(_host));
        Assert.Equal(0UL, _host.ReadStatus().CommandsHeld.Value);
        if (way == "completed")
            return;
        for (ulong block = 0; block < 100; block++)
            Assert.Equal(OutcomeKind.Completed, Write(block).Kind);
    }

    [Fact]
    public void Setting_it_again_goes_on_with_what_is_held()
    {
        Limit(_host);
        for (ulong block = 0; block <= 300; block++)
            Write(block);
        for (int renewals = 0; renewals < 4; renewals++)
        {
            _host.Wait(SimDuration.FromMilliseconds(300));
            Limit(_host);
        }

        // 1.2 s at 4 ms, and the one that was saved up.
        Assert.Equal(300, Answers.Count);
        Assert.Equal(KibibytesPerSecond, Limited(_host));
    }

    [Fact]
    public void An_abort_has_the_command_answered_which_was_done()
    {
        Limit(_host);
        Write(0);
        ushort first = Held(Write(1));
        ushort second = Held(Write(2));
        Assert.Equal(1u, _host.Admin(AdminOpcode.Abort, cdw10: 1 | ((uint)second << 16)).Dw0);
        Assert.Equal([second], Answers.Select(answer => answer.CommandId));
        Assert.Equal(1u, _host.Admin(AdminOpcode.Abort, cdw10: 1 | ((uint)second << 16)).Dw0);
        Assert.Equal(1u, _host.Admin(AdminOpcode.Abort, cdw10: 77 | ((uint)first << 16)).Dw0);
        _host.Wait(Block);
        Assert.Equal([second, first], Answers.Select(answer => answer.CommandId));
    }

    [Fact]
    public void A_reset_forgets_what_is_held_and_the_VM_is_held_on()
    {
        Limit(_host);
        for (ulong block = 0; block < 10; block++)
            Write(block);
        TestEndpoint before = _host.IoEndpoint;
        _host.ResetController();
        _host.Wait(Block * 20);
        Assert.Empty(before.Posted);

        Assert.Equal(KibibytesPerSecond, Limited(_host));
        Write(0);
        Held(Write(1));
        Held(Write(2));
        _host.Wait(Block * 2);
        Assert.Equal(2, Answers.Count);
    }

    [Fact]
    public void A_queue_that_is_gone_gets_no_answer_and_others_do()
    {
        Limit(_host);
        Write(0);
        Held(Write(1));
        QueuePair second = _host.IoQueue(2);
        _host.Submit(second, _host.Entry((byte)IoOpcode.Write, 1, 2, 0, 0, 0, 0, 0), Data);
        second.Controller.Disconnect(_host.Clock.Now, second);
        Held(Write(3));
        _host.Wait(Block * 4);
        Assert.Equal(2, Answers.Count);
        Assert.Empty(((TestEndpoint)second.Endpoint).Posted);
    }

    [Fact]
    public void A_host_that_sends_no_keep_alive_is_gone_though_commands_are_held()
    {
        TestHost vm = TestHost.Connect(_drive, _host.Clock, "nqn.2026-11.io.emulator:dies", hostId: 9, keepAliveMilliseconds: 1000);
        vm.SetMigration(Active);
        TestHost.AssertStatus(Status.Success, TryLimit(vm, 1, 60_000));
        for (ulong block = 0; block < 10; block++)
            vm.Transfer(IoOpcode.Write, block, 1, Data);
        TestEndpoint queue = vm.IoEndpoint;
        vm.Wait(SimDuration.FromMilliseconds(1500));
        Assert.Equal(CloseReason.KeepAliveExpired, vm.Endpoint.Closed);
        vm.Wait(SimDuration.FromSeconds(60));
        Assert.Empty(queue.Posted);
    }

    [Fact]
    public void Another_VM_writes_as_it_likes()
    {
        TestHost other = TestHost.Connect(_drive, _host.Clock, "nqn.2026-11.io.emulator:other", hostId: 7);
        Limit(_host);
        for (ulong block = 0; block < 50; block++)
            Assert.Equal(OutcomeKind.Completed, other.Transfer(IoOpcode.Write, block, 1, Data).Kind);
        Write(0);
        Held(Write(1));
    }

    [Fact]
    public void Of_a_shared_controller_only_the_VM_that_is_named_is_held()
    {
        const ushort handle = 0x8001, stream = 11;
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.VmBinding, handle, cdw12: stream));
        _host.SetMigration(Active, target: handle);
        TestHost.AssertStatus(Status.Success, TryLimit(_host, KibibytesPerSecond, 1000, handle));
        for (ulong block = 0; block < 20; block++)
            Assert.Equal(OutcomeKind.Completed, Write(block).Kind);
        CommandOutcome last = default;
        for (int i = 0; i < 3; i++)
            last = _host.Io(IoOpcode.Write, Data, cdw10: 30, cdw12: 1 << 20, cdw13: (uint)stream << 16);
        Assert.Equal(OutcomeKind.Pending, last.Kind);
        Assert.Equal((2UL, 0UL), (_host.ReadStatus(handle).CommandsHeld.Value, _host.ReadStatus().CommandsHeld.Value));
    }

    [Fact]
    public void A_fused_pair_is_held_as_one_write()
    {
        Limit(_host);
        Write(0);
        QueuePair queue = _host.IoQueue(1);
        SubmissionEntry compare = _host.Entry((byte)IoOpcode.Compare, 1, 0, 0, 0, 0, 0, 0);
        SubmissionEntry write = _host.Entry((byte)IoOpcode.Write, 1, 0, 0, 0, 0, 0, 0);
        queue.Controller.SubmitFused(
            _host.Clock.Now, queue, compare, Data, write, Data, out CommandOutcome first, out CommandOutcome second);
        Assert.Equal((OutcomeKind.Pending, OutcomeKind.Pending), (first.Kind, second.Kind));
        _host.Wait(SimDuration.FromMilliseconds(3));
        Assert.Equal([compare.Cid, write.Cid], Answers.Select(answer => answer.CommandId));
    }

    [Fact]
    public void A_drive_that_holds_a_VM_allocates_nothing_for_it()
    {
        // A block takes 4 us; what is saved up is used up first.
        TestHost.AssertStatus(Status.Success, TryLimit(_host, 1_000_000, 60_000));
        for (ulong block = 0; block < 1300; block++)
            Write(block);
        Spin(2000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Spin(2000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(_host.ReadStatus().CommandsHeldInAll > 1000);
        Assert.Equal(0, allocated);

        void Spin(int writes)
        {
            for (int i = 0; i < writes; i++)
            {
                Answers.Clear();
                Write((ulong)(i % 2000));
                if (i % 16 == 0)
                    _host.Wait(SimDuration.FromMicroseconds(64));
            }
        }
    }

    [Theory]
    [InlineData(1000u, 0u, 0u)]
    [InlineData(1000u, 60_001u, 0u)]
    [InlineData(0u, 1u, 0u)]
    [InlineData(1000u, 1000u, 1u)]
    public void Fields_that_cannot_be_are_invalid(uint units, uint milliseconds, uint cdw15)
    {
        CommandOutcome outcome = _host.Admin(
            AdminOpcode.SetFeatures, cdw10: (uint)FeatureId.VmWriteLimit, cdw12: units, cdw13: milliseconds, cdw15: cdw15);
        TestHost.AssertStatus(Status.InvalidField, outcome);
        Assert.Equal(0u, Limited(_host));
    }

    [Theory]
    [InlineData(None)]
    [InlineData(Active | Destination)]
    [InlineData(Active | Halted)]
    public void Only_a_VM_that_runs_at_its_source_can_be_held_and_any_can_be_let_go(VmMigrationFlags state)
    {
        _host.SetMigration(None);
        _host.SetMigration(state);
        TestHost.AssertStatus(Status.MigrationNotActive, TryLimit(_host, 1000, 1000));
        TestHost.AssertStatus(Status.Success, TryLimit(_host, 0, 0));
    }

    [Fact]
    public void The_feature_tells_the_rate_and_can_be_changed_alone()
    {
        Limit(_host);
        Assert.Equal(KibibytesPerSecond, Limited(_host));
        Assert.Equal(0u, _host.GetFeature(FeatureId.VmWriteLimit, select: FeatureSelect.Default).Dw0);
        Assert.Equal(4u, _host.GetFeature(FeatureId.VmWriteLimit, select: FeatureSelect.SupportedCapabilities).Dw0);
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature(FeatureId.VmWriteLimit, cdw11: 1));
        TestHost.AssertStatus(Status.InvalidField, _host.SetFeature(FeatureId.VmWriteLimit, 1));
        TestHost.AssertStatus(Status.FeatureNotSaveable, _host.SetFeature(FeatureId.VmWriteLimit, 0, save: true));
    }

    private static CommandOutcome TryLimit(TestHost host, uint units, uint milliseconds, ushort target = 0) => host.Admin(
        AdminOpcode.SetFeatures, cdw10: (uint)FeatureId.VmWriteLimit, cdw11: (uint)target << 16, cdw12: units, cdw13: milliseconds);

    private static void Limit(TestHost host) => TestHost.AssertStatus(Status.Success, TryLimit(host, KibibytesPerSecond, 1000));

    private static uint Limited(TestHost host) => host.GetFeature(FeatureId.VmWriteLimit).Dw0;

    private CommandOutcome Write(ulong block) => _host.Transfer(IoOpcode.Write, block, 1, Data);

    /// <returns>Its CID.</returns>
    private ushort Held(CommandOutcome outcome)
    {
        Assert.Equal(OutcomeKind.Pending, outcome.Kind);
        return _host.LastCommandId;
    }

    private CommandOutcome Change(IoOpcode opcode, int blocks)
    {
        if (opcode == IoOpcode.DatasetManagement)
        {
            byte[] range = new byte[DsmRange.Size];
            WireStruct.Write(range, new DsmRange { Slba = 4, Llb = 16 });
            return _host.Io(opcode, range, cdw11: 4);
        }

        if (opcode == IoOpcode.Copy)
        {
            byte[] source = new byte[CopyDescriptor.Size];
            WireStruct.Write(source, new CopyDescriptor { Slba = 0, Nlb = (ushort)(blocks - 1) });
            return _host.Io(opcode, source, cdw10: 64);
        }

        return _host.Transfer(opcode, 4, opcode == IoOpcode.Write ? blocks : 16, opcode == IoOpcode.Write ? Data : default);
    }
}
