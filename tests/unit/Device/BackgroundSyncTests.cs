using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Commands that wait for a medium that is synchronised in the background, and those that do not.</summary>
public sealed class BackgroundSyncTests : IDisposable
{
    private const uint ForcedAccess = 1u << 30;

    private readonly HeldMedium _medium;
    private readonly TestClock _clock = new();
    private readonly Drive _drive;
    private readonly TestHost _host;
    private readonly TestHost _other;
    private readonly byte[] _block = [.. Enumerable.Repeat((byte)7, 4096)];

    public BackgroundSyncTests()
    {
        _medium = new HeldMedium(DrivePersistenceTests.MediumFor(TestHost.SmallDrive));
        _drive = new Drive(TestHost.SmallDrive, _medium);
        _host = TestHost.Connect(_drive, _clock);
        _other = TestHost.Connect(_drive, _clock, "nqn.2026-11.io.emulator:other", hostId: 2);
    }

    public void Dispose()
    {
        _drive.Dispose();
        _medium.Dispose();
    }

    [Fact]
    public void A_flush_is_pending_until_the_medium_is_synchronised_and_others_go_on()
    {
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, 5, 1, _block));
        ushort flush = Pending(_host.Io(IoOpcode.Flush));

        byte[] read = new byte[4096];
        TestHost.AssertStatus(Status.Success, _other.Transfer(IoOpcode.Read, 5, 1, read));
        TestHost.AssertStatus(Status.Success, _other.Transfer(IoOpcode.Write, 6, 1, _block));
        Assert.Equal(_block, read);
        Assert.Empty(Posted(_host));

        _medium.Release();
        Assert.Equal([(flush, Status.Success)], Posted(_host));
        Assert.Empty(Posted(_host));
    }

    [Fact]
    public void A_flush_that_comes_while_the_medium_is_synchronised_needs_the_next_time()
    {
        ushort first = Pending(_host.Io(IoOpcode.Flush));
        uint begun = _medium.Begun;
        ushort second = Pending(_host.Io(IoOpcode.Flush)), third = Pending(_host.Io(IoOpcode.Flush));
        Assert.Equal(begun, _medium.Begun);

        _medium.Release();
        Assert.Equal([(first, Status.Success)], Posted(_host));
        Assert.Equal(begun + 1, _medium.Begun);

        _medium.Release();
        Assert.Equal([(second, Status.Success), (third, Status.Success)], Posted(_host));
        Assert.Equal(begun + 1, _medium.Begun);
    }

    [Theory]
    [InlineData(IoOpcode.Write)]
    [InlineData(IoOpcode.WriteZeroes)]
    public void A_command_with_force_unit_access_is_pending_too(IoOpcode opcode)
    {
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Write, _block, cdw10: 4));
        Span<byte> data = opcode == IoOpcode.Write ? _block : [];
        ushort forced = Pending(_host.Io(opcode, data, cdw10: 4, cdw12: ForcedAccess));
        _medium.Release();
        Assert.Equal([(forced, Status.Success)], Posted(_host));
    }

    [Fact]
    public void A_write_of_a_host_without_a_volatile_cache_is_pending_and_the_change_of_the_feature_is_not()
    {
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.VolatileWriteCache, 0));
        ushort write = Pending(_host.Transfer(IoOpcode.Write, 4, 1, _block));
        TestHost.AssertStatus(Status.Success, _other.Transfer(IoOpcode.Write, 5, 1, _block));
        _medium.Release();
        Assert.Equal([(write, Status.Success)], Posted(_host));
    }

    [Fact]
    public void A_fused_compare_and_write_ends_as_one()
    {
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, 4, 1, _block));
        QueuePair queue = _host.IoQueue(1);
        SubmissionEntry compare = _host.Entry((byte)IoOpcode.Compare, 1, 4, 0, 0, 0, 0, 0);
        SubmissionEntry write = _host.Entry((byte)IoOpcode.Write, 1, 4, 0, ForcedAccess, 0, 0, 0);
        queue.Controller.SubmitFused(
            _clock.Now, queue, compare, _block, write, _block, out CommandOutcome first, out CommandOutcome second);
        Assert.Equal((OutcomeKind.Pending, OutcomeKind.Pending), (first.Kind, second.Kind));
        _medium.Release();
        Assert.Equal([((ushort)compare.Cid, Status.Success), ((ushort)write.Cid, Status.Success)], Posted(_host));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_forced_write_of_a_VM_that_is_held_waits_for_its_turn_and_for_the_medium(bool mediumIsFirst)
    {
        _host.SetMigration(VmMigrationFlags.Active);
        TestHost.AssertStatus(Status.Success, _host.Admin(
            AdminOpcode.SetFeatures, cdw10: (uint)FeatureId.VmWriteLimit, cdw12: 4, cdw13: 60_000));
        ushort write = Pending(_host.Io(IoOpcode.Write, _block, cdw10: 5, cdw12: ForcedAccess));

        WaitFor(medium: mediumIsFirst);
        Assert.Empty(Posted(_host));
        WaitFor(medium: !mediumIsFirst);
        Assert.Equal([(write, Status.Success)], Posted(_host));

        void WaitFor(bool medium)
        {
            if (medium)
                _medium.Release();
            else
                _host.Wait(SimDuration.FromSeconds(2));
        }
    }

    [Fact]
    public void What_a_medium_could_not_synchronise_is_a_write_fault_then_and_ever_after()
    {
        ushort first = Pending(_host.Io(IoOpcode.Flush)), second = Pending(_host.Io(IoOpcode.Flush));
        _medium.Release(fails: true);
        Status fault = Status.WriteFault.WithDoNotRetry();
        Assert.Equal([(first, fault), (second, fault)], Posted(_host));
        TestHost.AssertStatus(Status.WriteFault, _host.Io(IoOpcode.Flush));

        byte[] log = _host.GetLog(LogPageId.ErrorInformation, 64 * 3);
        Assert.Equal(second, WireStruct.Read<ErrorInformationEntry>(log.AsSpan(64, 64)).Cid.Value);
        Assert.Equal(first, WireStruct.Read<ErrorInformationEntry>(log.AsSpan(128, 64)).Cid.Value);
    }

    [Fact]
    public void A_queue_that_is_gone_hears_nothing_any_more()
    {
        _host.Io(IoOpcode.Flush);
        TestEndpoint gone = _host.IoEndpoint;
        _host.ResetController();
        Assert.NotNull(gone.Closed);
        _medium.Release();
        Assert.Empty(Posted(_host));
        Assert.Empty(gone.Posted);
    }

    [Fact]
    public void A_command_that_changes_metadata_does_not_end_before_it_is_durable()
    {
        Pending(_host.Io(IoOpcode.Flush));
        int waits = _medium.Waits;
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.FormatNvm, nsid: 1));
        Assert.True(_medium.Waits > waits);
    }

    [Fact]
    public void Superblocks_that_are_empty_are_erased_in_good_time_so_that_no_write_waits()
    {
        int waits = _medium.Waits;
        for (int i = 0; i < 20_000; i++)
        {
            TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, (ulong)(i * 37 % 2048), 1, _block));
            if (i % 64 == 0)
                _medium.Release();
            if (i % 16 == 0)
                _clock.Advance(_drive, SimDuration.FromMicroseconds(1));
        }

        Assert.True(_drive.FtlCounters.SuperblocksErased > 20);
        Assert.Equal((0, 0), ((int)_drive.SyncsWaitedFor, _medium.Waits - waits));
        Assert.True(_drive.ForcedSyncs > 0);
    }

    [Fact]
    public void Where_the_medium_takes_too_long_a_write_waits_and_nothing_is_lost()
    {
        for (int i = 0; i < 20_000; i++)
            TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, (ulong)(i * 37 % 2048), 1, _block));
        Assert.True(_drive.SyncsWaitedFor > 0);
        Assert.True(_drive.Shutdown(_clock.Now).IsSuccess);
    }

    private ushort Pending(CommandOutcome outcome)
    {
        Assert.Equal(OutcomeKind.Pending, outcome.Kind);
        return _host.LastCommandId;
    }

    private (ushort CommandId, Status Status)[] Posted(TestHost host)
    {
        _clock.Advance(_drive, SimDuration.Zero);
        (ushort, Status)[] posted = [.. host.IoEndpoint.Posted.Select(completion => (completion.CommandId, completion.Outcome.Status))];
        host.IoEndpoint.Posted.Clear();
        return posted;
    }
}
