using Emulator.Cache;
using Emulator.Device;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Device;

/// <summary>Retention, priority and prefetch for a VM that is being migrated, as log page D0h shows them.</summary>
public sealed class VmMigrationCacheTests : IDisposable
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";
    private const int PageBytes = 4096;

    private readonly TestClock _clock = new();
    private readonly Drive _drive = new(TestHost.SmallDrive with
    {
        Managers = [ManagerNqn],
        Cache = new CacheOptions { SizeBytes = 4 << 20 },
    });
    private readonly TestHost _manager;
    private readonly TestHost _vm;

    public VmMigrationCacheTests()
    {
        _manager = TestHost.Connect(_drive, _clock, ManagerNqn, hostId: 9);
        _vm = TestHost.Connect(_drive, _clock);
    }

    public void Dispose() => _drive.Dispose();

    [Theory]
    [InlineData(None, 16, 20)]
    [InlineData(NoPrefetch, 0, 0)]
    public void What_a_manager_reads_next_of_the_written_ranges_is_prefetched(VmMigrationFlags policy, int leastReads, int mostGranules)
    {
        WriteAndFlush(100, 10);
        WriteAndFlush(500, 10);
        Set(Active | policy);

        Read(100, 10);
        Read(500, 10);

        VmMigrationStatus status = Status();
        Assert.InRange((ulong)status.ReadsPrefetched, (ulong)leastReads, 20ul);
        Assert.InRange((ulong)status.GranulesPrefetched, (ulong)leastReads, (ulong)mostGranules);
    }

    [Fact]
    public void Nothing_is_prefetched_for_a_reader_at_random()
    {
        WriteAndFlush(1000, 64);
        Set(Active);
        foreach (ulong block in new ulong[] { 1040, 1003, 1061, 1021, 1012 })
            Read(block, 1);
        Assert.Equal(0ul, (ulong)Status().GranulesPrefetched);
    }

    [Fact]
    public void Dirty_ranges_are_prefetched_when_the_VM_is_halted_and_read_on_from_there()
    {
        WriteAndFlush(0, 500);
        Set(Active | NoRetention | NoPriority);
        WriteAndFlush(100, 200);
        _manager.ReadDirty(VendorCommandSet.LspAdvance, _vm.ControllerId);
        WriteAndFlush(300, 100);

        Set(Active | Halted | NoRetention | NoPriority);
        Assert.Equal(100ul, (ulong)Status().GranulesPrefetched);

        _manager.ReadDirty(VendorCommandSet.LspAdvance, _vm.ControllerId);
        Read(300, 100);
        VmMigrationStatus status = Status();
        Assert.Equal((100ul, 100ul), ((ulong)status.ReadsPrefetched, (ulong)status.GranulesPrefetched));
    }

    [Fact]
    public void A_long_dirty_list_is_prefetched_by_and_by()
    {
        Set(Active | NoRetention | NoPriority);
        WriteAndFlush(0, 1000);
        Set(Active | Halted | NoRetention | NoPriority);
        Assert.Equal(128ul, (ulong)Status().GranulesPrefetched);

        Read(0, 1000);
        Assert.Equal((1000ul, 1000ul), ((ulong)Status().GranulesPrefetched, (ulong)Status().ReadsPrefetched));
    }

    [Theory]
    [InlineData(None, 20)]
    [InlineData(NoRetention, 0)]
    public void What_the_VM_writes_is_retained_until_a_manager_has_read_it(VmMigrationFlags policy, int pages)
    {
        WriteAndFlush(0, 4);
        Set(Active | policy);
        WriteAndFlush(100, 20);
        Assert.Equal((ulong)(pages * PageBytes), (ulong)Status().BytesRetained);
        Assert.Equal(0ul, (ulong)Status().BytesDirty);

        byte[] data = new byte[PageBytes];
        TestHost.AssertStatus(Emulator.Wire.Status.Success, _vm.Transfer(IoOpcode.Read, 100, 1, data));
        Assert.Equal((ulong)(pages * PageBytes), (ulong)Status().BytesRetained);

        Read(100, 20);
        VmMigrationStatus status = Status();
        Assert.Equal((0ul, (ulong)pages), ((ulong)status.BytesRetained, (ulong)status.RetainedPagesRead));
    }

    [Fact]
    public void Retention_holds_a_bounded_part_of_the_cache_and_gives_up_what_is_oldest()
    {
        Set(Active);
        WriteAndFlush(0, 1000);
        VmMigrationStatus status = Status();
        Assert.Equal((ulong)status.BytesRetainable, (ulong)status.BytesRetained);
        Assert.Equal((ulong)status.CacheBytes / 4, (ulong)status.BytesRetainable);
        Assert.Equal(1000ul - ((ulong)status.BytesRetained / PageBytes), (ulong)status.RetainedPagesDropped);
        Read(999, 1);
        Assert.Equal(1ul, (ulong)Status().RetainedPagesRead);
    }

    [Fact]
    public void Turning_a_policy_off_gives_up_what_it_holds()
    {
        Set(Active);
        WriteAndFlush(0, 20);
        Set(Active | NoRetention);
        Assert.Equal(0ul, (ulong)Status().BytesRetained);
    }

    [Theory]
    [InlineData(Completed)]
    [InlineData(None)]
    public void The_end_of_a_migration_gives_everything_up_and_its_counts_stay(VmMigrationFlags end)
    {
        Set(Active);
        WriteAndFlush(0, 20);
        Read(0, 10);
        Set(end);
        VmMigrationStatus status = Status();
        Assert.Equal((0ul, 0ul), ((ulong)status.BytesRetained, (ulong)status.BytesCached));
        Assert.Equal(10ul, (ulong)status.RetainedPagesRead);
    }

    [Theory]
    [InlineData(None, 20)]
    [InlineData(NoPriority, 0)]
    public void What_the_VM_reads_stays_in_the_cache_by_priority(VmMigrationFlags policy, int hits)
    {
        WriteAndFlush(0, 20);
        Set(Active | policy);
        byte[] data = new byte[20 * PageBytes];
        _vm.Transfer(IoOpcode.Read, 0, 20, data);
        _vm.Transfer(IoOpcode.Read, 0, 20, data);
        VmMigrationStatus status = Status();
        Assert.Equal(((ulong)hits, 40ul - (ulong)hits), ((ulong)status.PagesHit, (ulong)status.PagesMissed));
    }

    [Fact]
    public void Where_no_manager_is_listed_the_VMs_own_host_is_who_copies()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using Drive disposed = drive;
        host.SetMigration(Active);
        host.Write(0, 20);
        Assert.Equal(20ul * PageBytes, (ulong)host.ReadStatus().BytesRetained);
        for (ulong block = 0; block < 20; block++)
            host.Transfer(IoOpcode.Read, block, 1, new byte[PageBytes]);
        Assert.Equal(0ul, (ulong)host.ReadStatus().BytesRetained);
    }

    [Theory]
    [InlineData(CacheMode.WriteBack, true)]
    [InlineData(CacheMode.WriteThrough, true)]
    [InlineData(CacheMode.Off, false)]
    public void The_capabilities_say_whether_there_is_a_cache_that_does_it(CacheMode mode, bool expected)
    {
        TestHost host = TestHost.ConnectToNewDrive(
            out Drive drive, TestHost.SmallDrive with { Cache = new CacheOptions { Mode = mode } });
        using Drive disposed = drive;
        const VmasCapabilities policies = VmasCapabilities.CacheRetention | VmasCapabilities.MigrationPrefetch;
        var capabilities = (VmasCapabilities)(uint)host.IdentifyController().Vmas.Capabilities;
        Assert.Equal(expected ? policies : VmasCapabilities.None, capabilities & policies);
    }

    [Fact]
    public void Copying_a_VM_that_writes_allocates_nothing()
    {
        WriteAndFlush(0, 500);
        Set(Active);
        byte[] data = new byte[PageBytes];
        Exercise(data);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exercise(data);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void Exercise(byte[] data)
    {
        for (ulong block = 0; block < 500; block++)
        {
            _manager.Transfer(IoOpcode.Read, block, 1, data);
            _vm.Transfer(IoOpcode.Write, 500 - block, 1, data);
        }
    }

    private void Set(VmMigrationFlags flags) => _manager.SetMigration(flags, target: _vm.ControllerId);

    private VmMigrationStatus Status() => _manager.ReadStatus(_vm.ControllerId);

    /// <summary>The VM writes blocks one by one, and flushes them out of the cache.</summary>
    private void WriteAndFlush(ulong start, int blocks)
    {
        for (int i = 0; i < blocks; i++)
            _vm.Write(start + (ulong)i, 1);
        TestHost.AssertStatus(Emulator.Wire.Status.Success, _vm.Io(IoOpcode.Flush));
    }

    /// <summary>The manager reads blocks one by one.</summary>
    private void Read(ulong start, int blocks)
    {
        byte[] data = new byte[PageBytes];
        for (int i = 0; i < blocks; i++)
        {
            TestHost.AssertStatus(
                Emulator.Wire.Status.Success, _manager.Transfer(IoOpcode.Read, start + (ulong)i, 1, data));
        }
    }
}
