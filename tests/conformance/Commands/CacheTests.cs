using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// What hosts see of the cache: the volatile write cache (Base 2.1, 5.1.25.1.4), FUA and Flush, checked by what is left
/// when the power of the drive fails; and what it does for a migration, in log page D0h.
/// </summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class CacheTests : IDisposable
{
    private const int BlockBytes = 4096;
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";

    private readonly TestTarget _target = new(TestTarget.SmallDrive with { Managers = [ManagerNqn] });
    private readonly HostController _controller;
    private readonly HostQueue _queue;

    public CacheTests() => _controller = _target.Connect(out _queue);

    public void Dispose()
    {
        _controller.Dispose();
        _target.Dispose();
    }

    [Fact]
    public void A_write_is_durable_after_Flush_with_FUA_or_without_the_write_cache_and_not_before()
    {
        for (ulong block = 0; block < 5; block++)
            Write(block, 1);
        Succeed(HostCommands.Flush(1));

        Write(1, 2);
        Write(2, 2);
        Succeed(HostCommands.Flush(uint.MaxValue));
        Write(2, 3, NvmCommandFields.Fua);
        Write(3, 2);
        _controller.Succeed("turn the cache off", HostCommands.SetFeatures(FeatureId.VolatileWriteCache, 0));
        Write(4, 2);
        _controller.Succeed("turn the cache on", HostCommands.SetFeatures(FeatureId.VolatileWriteCache, 1));
        Write(0, 2);
        PowerCut();

        Assert.Equal([1, 2, 3, 2, 2], Enumerable.Range(0, 5).Select(block => (int)Read((ulong)block)));
    }

    [Fact]
    public void The_volatile_write_cache_is_announced_and_read_and_set()
    {
        _controller.Identify();
        Assert.Equal(0b111, _controller.Identity.Vwc);
        Assert.Equal(1u, Feature());
        _controller.Succeed("turn the cache off", HostCommands.SetFeatures(FeatureId.VolatileWriteCache, 0));
        Assert.Equal(0u, Feature());
        HostCompletion reserved = _controller.Admin.Execute(HostCommands.SetFeatures(FeatureId.VolatileWriteCache, 2));
        Assert.True(Status.InvalidField.Matches(reserved.Status), $"{reserved.Status}");

        uint Feature() => _controller.Succeed("get", HostCommands.GetFeatures(FeatureId.VolatileWriteCache)).Dw0;
    }

    [Theory]
    [InlineData(0u)]
    [InlineData((uint)(VmMigrationFlags.NoPrefetch | VmMigrationFlags.NoRetention))]
    public void Log_page_D0h_shows_what_retention_and_prefetch_do_for_a_manager_that_copies_a_VM(uint policies)
    {
        bool works = policies == 0;
        using HostController manager = _target.Connect(
            out HostQueue copier, _target.Host with { HostNqn = ManagerNqn });
        WriteBlocks(0, 100);
        Set(manager, VmMigrationFlags.Active | (VmMigrationFlags)policies);
        WriteBlocks(200, 50);
        Succeed(HostCommands.Flush(1));
        Assert.Equal(works ? 50ul * BlockBytes : 0, (ulong)D0h(manager).BytesRetained);

        ReadBlocks(copier, 0, 100);
        VmMigrationStatus status = D0h(manager);
        Assert.InRange((ulong)status.GranulesPrefetched, works ? 90ul : 0, works ? 100ul : 0);
        Assert.InRange((ulong)status.ReadsPrefetched, works ? 90ul : 0, works ? 100ul : 0);

        ReadBlocks(copier, 200, 50);
        Assert.Equal((0ul, works ? 50ul : 0), ((ulong)D0h(manager).BytesRetained, (ulong)D0h(manager).RetainedPagesRead));
    }

    private void Set(HostController manager, VmMigrationFlags flags)
    {
        SubmissionEntry set = HostCommands.SetFeatures(FeatureId.VmMigration, (uint)flags | ((uint)_controller.Id << 16));
        set.Cdw12 = VendorCommandSet.KeepThreshold;
        manager.Succeed("migrate", set);
    }

    private VmMigrationStatus D0h(HostController manager)
    {
        byte[] page = new byte[VmMigrationStatus.Size];
        SubmissionEntry get = HostCommands.GetLogPage(LogPageId.VmMigrationStatus, page.Length);
        get.Cdw11 = (uint)_controller.Id << 16;
        manager.Succeed("log page D0h", get, page);
        return WireStruct.Read<VmMigrationStatus>(page);
    }

    private void WriteBlocks(ulong start, int blocks)
    {
        for (int i = 0; i < blocks; i++)
            Write(start + (ulong)i, 1);
    }

    private static void ReadBlocks(HostQueue queue, ulong start, int blocks)
    {
        byte[] data = new byte[BlockBytes];
        for (int i = 0; i < blocks; i++)
            Assert.True(queue.Execute(HostCommands.Read(1, start + (ulong)i, 1), data).IsSuccess);
    }

    private void Write(ulong block, byte value, uint flags = 0)
    {
        SubmissionEntry write = HostCommands.Write(1, block, 1);
        write.Cdw12 |= flags;
        byte[] data = new byte[BlockBytes];
        data.AsSpan().Fill(value);
        Assert.True(_queue.Execute(write, data).IsSuccess);
    }

    private byte Read(ulong block)
    {
        byte[] data = new byte[BlockBytes];
        Assert.True(_queue.Execute(HostCommands.Read(1, block, 1), data).IsSuccess);
        return data[0];
    }

    private void Succeed(in SubmissionEntry entry) => Assert.True(_queue.Execute(entry, default).IsSuccess);

    /// <summary>The cache is lost; the medium in memory is not, and no time was taken that it could have torn.</summary>
    private void PowerCut()
    {
        _target.OnReactor(now =>
        {
            _target.Drive.PowerCut(now);
            return true;
        });
    }
}
