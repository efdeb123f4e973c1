using System.Diagnostics;
using Emulator.Cache;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Flash.Profiles;
using Emulator.Ftl.Persistence;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// Fault, CCh of the vendor command set, over the wire: each kind with its effect, and taken back. The drive writes through,
/// so that what a write does to the medium shows in its status.
/// </summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class FaultTests : IDisposable
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";
    private const string VmNqn = "nqn.2026-11.io.emulator:vm";
    private const uint AnyDie = FaultCommand.AnyDie;
    private const int BlockBytes = 4096;

    private static readonly Status InvalidField = Status.InvalidField.WithDoNotRetry();

    private readonly List<IDisposable> _owned = [];
    private TestTarget _target = null!;
    private HostController _manager = null!;
    private HostQueue _queue = null!;

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
    }

    [Fact]
    public void A_media_error_fails_reads_of_its_blocks_until_they_are_written()
    {
        Start(Plain);
        Write(5, 1);
        Write(8, 2);

        HostCompletion damaged = Inject(FaultKind.MediaError, place: 4, value: 3, nsid: 1);

        Assert.Equal((Status.Success, 1u), (damaged.Status, damaged.Dw0));
        Assert.Equal(Status.UnrecoveredReadError.WithDoNotRetry(), Read(5, out _));
        Assert.Equal(Status.Success, Read(4, out _));
        Assert.Equal(Status.Success, Read(8, out byte other));
        Assert.Equal(2, other);
        Write(5, 3);
        Assert.Equal(Status.Success, Read(5, out byte healed));
        Assert.Equal(3, healed);
    }

    [Fact]
    public void A_media_error_is_about_blocks_of_a_namespace_that_is_there()
    {
        Start(Plain);
        Assert.Equal(InvalidField, Inject(FaultKind.MediaError, value: 0, nsid: 1).Status);
        Assert.Equal(InvalidField, Inject(FaultKind.MediaError, value: 1, count: 1, nsid: 1).Status);
        Assert.Equal(Status.LbaOutOfRange.WithDoNotRetry(), Inject(FaultKind.MediaError, place: 4000, value: 97, nsid: 1).Status);
        Assert.Equal(Status.LbaOutOfRange.WithDoNotRetry(), Inject(FaultKind.MediaError, place: ulong.MaxValue, value: 1, nsid: 1).Status);
        Assert.False(Inject(FaultKind.MediaError, value: 1, nsid: 9).IsSuccess);
        Assert.Equal(InvalidField, Clear(FaultKind.MediaError).Status);
    }

    [Fact]
    public void Programs_that_fail_are_done_elsewhere()
    {
        Start(Plain);
        Assert.True(Inject(FaultKind.ProgramFailure, place: AnyDie, count: 2).IsSuccess);
        Write(5, 1);
        Write(6, 2);
        Assert.Equal(2, _target.OnReactor(() => _target.Drive.FtlCounters.ProgramFailures));
        Assert.Equal(Status.Success, Read(5, out byte read));
        Assert.Equal(1, read);
    }

    [Fact]
    public void Programs_of_one_die_fail_and_those_of_others_do_not_until_it_is_cleared()
    {
        Start(Plain);
        Assert.True(Inject(FaultKind.ProgramFailure, place: 1).IsSuccess);
        for (uint lba = 0; lba < 32; lba++)
            Write(lba, (byte)lba);
        Assert.True(Clear(FaultKind.ProgramFailure).IsSuccess);
        long failed = _target.OnReactor(() => _target.Drive.FtlCounters.ProgramFailures);
        Assert.True(failed > 0);
        for (uint lba = 0; lba < 64; lba++)
            Write(lba, (byte)(lba + 1));

        Assert.Equal(failed, _target.OnReactor(() => _target.Drive.FtlCounters.ProgramFailures));
        for (uint lba = 0; lba < 64; lba++)
        {
            Assert.Equal(Status.Success, Read(lba, out byte read));
            Assert.Equal((byte)(lba + 1), read);
        }
    }

    [Fact]
    public void An_erase_that_fails_costs_a_superblock_and_no_data()
    {
        Start(Plain);
        Assert.True(Inject(FaultKind.EraseFailure, place: AnyDie, count: 1).IsSuccess);
        OverwriteUntil(() => _target.Drive.FtlCounters.SuperblocksErased > 2);
        Assert.Equal(1, _target.OnReactor(() => _target.Drive.FtlCounters.EraseFailures));
        Assert.Equal(1, _target.OnReactor(() => _target.Drive.FtlCounters.SuperblocksRetired));
    }

    [Fact]
    public void Erases_whose_failure_was_taken_back_succeed()
    {
        Start(Plain);
        Assert.True(Inject(FaultKind.EraseFailure, place: AnyDie).IsSuccess);
        Assert.True(Clear(FaultKind.EraseFailure).IsSuccess);
        OverwriteUntil(() => _target.Drive.FtlCounters.SuperblocksErased > 2);
        Assert.Equal(0, _target.OnReactor(() => _target.Drive.FtlCounters.EraseFailures));
    }

    [Fact]
    public void A_slow_die_is_slow_until_it_is_cleared()
    {
        Start(Plain with { Profile = DeviceProfile.Find("tlc-datacentre"), Timing = DriveTiming.Model });
        Write(5, 1);
        int dies = _target.Drive.Options.EffectiveGeometry().DieCount;
        for (uint die = 0; die < dies; die++)
            Assert.True(Inject(FaultKind.SlowDie, place: die, value: 100_000).IsSuccess);

        // A read of the array takes 52 us or more, and a thousand times that now: no machine is so slow otherwise, five times on end.
        Assert.InRange(QuickestRead(1), 50.0, double.MaxValue);
        Assert.True(Clear(FaultKind.SlowDie).IsSuccess);
        Assert.InRange(QuickestRead(5), 0.0, 50.0);
        Assert.Equal(InvalidField, Inject(FaultKind.SlowDie, place: (uint)dies, value: 500).Status);
        Assert.Equal(InvalidField, Inject(FaultKind.SlowDie, place: AnyDie, value: 500).Status);
        Assert.Equal(InvalidField, Inject(FaultKind.SlowDie, place: 0, value: 99).Status);
        Assert.Equal(InvalidField, Inject(FaultKind.SlowDie, place: 0, value: 100_001).Status);
    }

    [Fact]
    public void Power_that_is_cut_closes_every_connection_and_the_drive_comes_back_with_what_was_flushed()
    {
        StartPersistent(CacheMode.WriteBack);
        using HostController vm = _target.Connect(out HostQueue queue, _target.Host with { HostNqn = VmNqn });
        Write(5, 1);
        Assert.True(_queue.Execute(HostCommands.Flush(1), default).IsSuccess);
        Write(5, 2);

        Assert.True(Inject(FaultKind.PowerCut, value: 1_000).IsSuccess);

        AssertCloses(_queue);
        AssertCloses(queue);
        Reconnect();
        Assert.Equal(Status.Success, Read(5, out byte read));
        Assert.Equal(1, read);
        Assert.False(_target.OnReactor(() => _target.Drive.Recovery!.WasClean));
    }

    [Fact]
    public void A_power_cut_that_is_cleared_in_time_does_not_happen()
    {
        StartPersistent(CacheMode.WriteBack);
        Drive before = _target.Drive;
        Assert.True(Inject(FaultKind.PowerCut, value: 60_000_000).IsSuccess);
        Assert.NotEqual(Core.SimTime.Never, _target.OnReactor(() => before.PowerCutDue));
        Assert.True(Clear(FaultKind.PowerCut).IsSuccess);
        Assert.Equal(Core.SimTime.Never, _target.OnReactor(() => before.PowerCutDue));
        Write(5, 1);
    }

    [Theory]
    [InlineData(FaultKind.LostCheckpoint)]
    [InlineData(FaultKind.TornCheckpoint)]
    public void A_checkpoint_that_is_spoilt_is_noticed_and_costs_nothing_that_was_flushed(FaultKind kind)
    {
        StartPersistent(CacheMode.WriteThrough);
        Assert.True(Inject(kind, count: 1).IsSuccess);
        byte round = WriteAndFlush(rounds: 20);
        Assert.Equal(1, _target.OnReactor(() => _target.Drive.FailedSystemWrites));

        Assert.True(Inject(FaultKind.PowerCut, value: 0).IsSuccess);
        AssertCloses(_queue);
        Reconnect();

        Assert.Equal(0, _target.OnReactor(() => _target.Drive.Recovery!.PagesLost));
        for (uint lba = 0; lba < 200; lba++)
        {
            Assert.Equal(Status.Success, Read(lba, out byte read));
            Assert.Equal(round, read);
        }
    }

    [Theory]
    [InlineData(FaultKind.LostCheckpoint)]
    [InlineData(FaultKind.TornCheckpoint)]
    public void A_checkpoint_whose_loss_was_taken_back_is_written_as_any_other(FaultKind kind)
    {
        StartPersistent(CacheMode.WriteThrough);
        Assert.True(Inject(kind, count: 1).IsSuccess);
        Assert.True(Clear(kind).IsSuccess);
        WriteAndFlush(rounds: 20);
        Assert.Equal(0, _target.OnReactor(() => _target.Drive.FailedSystemWrites));
    }

    [Theory]
    [InlineData(0u, 0u, 0u, 0u)]
    [InlineData((uint)FaultKind.PowerCut << 8, 0u, 0u, 0u)]
    [InlineData((uint)FaultKind.SlowDie << 8, 0u, 0u, 500u)]
    [InlineData(((uint)FaultKind.ProgramFailure << 8) | (1u << 16), 4096u, 0u, 0u)]
    [InlineData(((uint)FaultKind.ProgramFailure << 8) | (1u << 16), 0u, 1u, 0u)]
    [InlineData(((uint)FaultKind.EraseFailure << 8) | (1u << 16), 0u, 0u, 1u)]
    [InlineData(((uint)FaultKind.LostCheckpoint << 8) | (1u << 16), 0u, 0u, 0u)]
    [InlineData(((uint)FaultKind.TornCheckpoint << 8) | (1u << 16), 0u, 0u, 0u)]
    [InlineData(2u | ((uint)FaultKind.ProgramFailure << 8), 0u, 0u, 0u)]
    [InlineData(1u | ((uint)FaultKind.ProgramFailure << 8), 1u, 0u, 0u)]
    [InlineData(1u | ((uint)FaultKind.ProgramFailure << 8) | (1u << 16), 0u, 0u, 0u)]
    [InlineData(8u << 8, 0u, 0u, 0u)]
    [InlineData(0xFFu << 8, 0u, 0u, 0u)]
    public void What_a_drive_in_memory_cannot_suffer_is_an_invalid_field_and_nothing_happens(
        uint cdw10, uint cdw11, uint cdw12, uint cdw13)
    {
        Start(Plain);
        Assert.Equal(InvalidField, Execute(cdw10, cdw11, cdw12, cdw13).Status);
        Write(5, 1);
        Assert.Equal(0, _target.OnReactor(() => _target.Drive.FtlCounters.ProgramFailures));
    }

    [Theory]
    [InlineData((uint)FaultKind.PowerCut << 8, 1u, 0u)]
    [InlineData(((uint)FaultKind.PowerCut << 8) | (1u << 16), 0u, 0u)]
    [InlineData((uint)FaultKind.LostCheckpoint << 8, 0u, 0u)]
    [InlineData(((uint)FaultKind.LostCheckpoint << 8) | (2u << 16), 0u, 0u)]
    [InlineData(((uint)FaultKind.TornCheckpoint << 8) | (1u << 16), 1u, 0u)]
    [InlineData(((uint)FaultKind.TornCheckpoint << 8) | (1u << 16), 0u, 1u)]
    [InlineData(1u | ((uint)FaultKind.PowerCut << 8), 0u, 1u)]
    public void Fields_that_mean_nothing_for_a_kind_are_zero(uint cdw10, uint cdw11, uint cdw13)
    {
        StartPersistent(CacheMode.WriteBack);
        Assert.Equal(InvalidField, Execute(cdw10, cdw11, 0, cdw13).Status);
        Assert.Equal(Core.SimTime.Never, _target.OnReactor(() => _target.Drive.PowerCutDue));
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    public void Dwords_that_are_reserved_are_zero(int dword)
    {
        Start(Plain);
        SubmissionEntry entry = Command(((uint)FaultKind.ProgramFailure << 8) | (1u << 16), AnyDie, 0, 0, 0);
        entry.Cdw14 = dword == 14 ? 1u : 0;
        entry.Cdw15 = dword == 15 ? 1u : 0;
        Assert.Equal(InvalidField, _manager.Admin.Execute(entry).Status);
    }

    [Theory]
    [InlineData(FaultAction.Inject)]
    [InlineData(FaultAction.Clear)]
    public void To_a_host_that_is_no_manager_there_is_no_such_command(FaultAction action)
    {
        Start(Plain);
        using HostController vm = _target.Connect(_target.Host with { HostNqn = VmNqn });
        uint count = action == FaultAction.Inject ? 1u << 16 : 0;
        SubmissionEntry entry = Command((uint)action | ((uint)FaultKind.ProgramFailure << 8) | count, 0, 0, 0, 1);
        Assert.Equal(Status.InvalidOpcode.WithDoNotRetry(), vm.Admin.Execute(entry).Status);
        Assert.Equal(Status.Success, _manager.Admin.Execute(entry).Status);
    }

    private static DriveOptions Plain => new()
    {
        CapacityBytes = 16 << 20,
        Managers = [ManagerNqn],
        Cache = new CacheOptions { Mode = CacheMode.Off },
    };

    private void Start(DriveOptions options) => Start(new TestTarget(options));

    private void StartPersistent(CacheMode mode)
    {
        DriveOptions options = Plain with { Cache = new CacheOptions { Mode = mode } };
        MediumFormat format = options.ToMediumFormat();
        var medium = new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);
        _owned.Add(medium);
        Start(new TestTarget(medium, options));
    }

    private void Start(TestTarget target)
    {
        _target = target;
        _owned.Add(_target);
        Reconnect();
    }

    private void Reconnect()
    {
        _manager = _target.Connect(out _queue, _target.Host with { HostNqn = ManagerNqn });
        _owned.Add(_manager);
    }

    private HostCompletion Inject(FaultKind kind, ulong place = 0, uint value = 0, ushort count = 0, uint nsid = 0) =>
        Execute(((uint)kind << 8) | ((uint)count << 16), (uint)place, (uint)(place >> 32), value, nsid);

    private HostCompletion Clear(FaultKind kind) => Execute((uint)FaultAction.Clear | ((uint)kind << 8), 0, 0, 0);

    private HostCompletion Execute(uint cdw10, uint cdw11, uint cdw12, uint cdw13, uint nsid = 1) =>
        _manager.Admin.Execute(Command(cdw10, cdw11, cdw12, cdw13, nsid));

    private static SubmissionEntry Command(uint cdw10, uint cdw11, uint cdw12, uint cdw13, uint nsid) => new()
    {
        Opcode = (byte)AdminOpcode.Fault,
        Nsid = nsid,
        Cdw10 = cdw10,
        Cdw11 = cdw11,
        Cdw12 = cdw12,
        Cdw13 = cdw13,
    };

    private void Write(ulong lba, byte value)
    {
        byte[] block = new byte[BlockBytes];
        block.AsSpan().Fill(value);
        Assert.Equal(Status.Success, _queue.Execute(HostCommands.Write(1, lba, 1), block).Status);
    }

    private Status Read(ulong lba, out byte value)
    {
        byte[] block = new byte[BlockBytes];
        Status status = _queue.Execute(HostCommands.Read(1, lba, 1), block).Status;
        value = block[0];
        if (status.IsSuccess)
            Assert.False(block.AsSpan().ContainsAnyExcept(value));
        return status;
    }

    private double QuickestRead(int reads)
    {
        double quickest = double.MaxValue;
        for (int i = 0; i < reads; i++)
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal(Status.Success, Read(5, out _));
            quickest = Math.Min(quickest, clock.Elapsed.TotalMilliseconds);
        }

        return quickest;
    }

    private void OverwriteUntil(Func<bool> enough)
    {
        const uint blocks = 1024;
        byte round = 0;
        while (!_target.OnReactor(enough))
        {
            Assert.True(++round < 100, "nothing is ever erased");
            for (uint lba = 0; lba < blocks; lba++)
                Write(lba, round);
        }

        Assert.Equal(Status.Success, Read(blocks / 2, out byte read));
        Assert.Equal(round, read);
    }

    private byte WriteAndFlush(byte rounds)
    {
        for (byte round = 1; round <= rounds; round++)
        {
            for (uint lba = 0; lba < 200; lba++)
                Write(lba, round);
            Assert.True(_queue.Execute(HostCommands.Flush(1), default).IsSuccess);
        }

        return rounds;
    }

    private static void AssertCloses(HostQueue queue) => Assert.True(queue.WaitForClose(TestTarget.Patience), "the connection stays");
}
