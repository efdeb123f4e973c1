using Emulator.Device;
using Emulator.Ftl;
using Emulator.Transforms;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class TransformTests : IDisposable
{
    private static readonly PageTransforms Everything = new()
    {
        Compression = CompressionKind.Lz4,
        IsEncrypted = true,
        CorrectedBits = 8,
    };

    private readonly PageCodecFactory _codecs = new(new DriveSecret("a secret of the tests"u8));
    private Drive? _drive;

    public void Dispose()
    {
        _drive?.Dispose();
        _codecs.Dispose();
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(512)]
    public void Blocks_read_back_through_the_transforms_and_are_counted(int blockBytes)
    {
        TestHost host = Connect(new NamespaceOptions { SizeBytes = 8 << 20, BlockBytes = blockBytes, Transforms = Everything });

        byte[] sevens = [.. Enumerable.Repeat((byte)7, 5 * blockBytes)], nines = [.. Enumerable.Repeat((byte)9, blockBytes)];

        host.Transfer(IoOpcode.Write, 3, 5, sevens);
        host.Transfer(IoOpcode.Write, 4, 1, nines);
        byte[] read = new byte[5 * blockBytes];
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 3, 5, read));

        nines.CopyTo(sevens, blockBytes);
        Assert.Equal(sevens, read);
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush));
        TransformCounters counters = _drive!.Namespaces.Find(1)!.Transform!.Counters;
        Assert.True(counters.PagesEncoded > 0 && counters.PagesCompressed == counters.PagesEncoded);
        Assert.InRange(counters.BytesStored, 16, counters.PagesEncoded * 128);
    }

    [Fact]
    public void What_is_prefetched_for_a_migration_is_decoded_in_advance()
    {
        const string managerNqn = "nqn.2026-11.io.emulator:hypervisor";
        using var drive = new Drive(TestHost.SmallDrive with
        {
            Codecs = _codecs,
            Managers = [managerNqn],
            Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20, Transforms = Everything }],
        });
        TestHost vm = TestHost.Connect(drive, new TestClock());
        TestHost manager = TestHost.Connect(drive, vm.Clock, managerNqn, hostId: 9);
        manager.SetMigration(
            VmMigrationFlags.Active | VmMigrationFlags.NoRetention | VmMigrationFlags.NoPriority, target: vm.ControllerId);
        vm.Write(0, 100);
        TestHost.AssertStatus(Status.Success, vm.Io(IoOpcode.Flush));
        ref TransformCounters counters = ref drive.Namespaces.Find(1)!.Transform!.Counters;
        Assert.Equal(0, counters.PagesDecoded);

        manager.SetMigration(
            VmMigrationFlags.Active | VmMigrationFlags.Halted | VmMigrationFlags.NoRetention | VmMigrationFlags.NoPriority,
            target: vm.ControllerId);
        Assert.Equal(100, counters.PagesDecoded);
        TestHost.AssertStatus(Status.Success, manager.Transfer(IoOpcode.Read, 0, 100, new byte[100 * 4096]));
        Assert.Equal(100, counters.PagesDecoded);
    }

    // The first had the whole drive, so that the next is where it was: its pages must not meet the other's codec.
    [Fact]
    public void A_namespace_that_is_deleted_leaves_no_transform_to_the_next()
    {
        TestHost host = Connect(new NamespaceOptions { Transforms = Everything });
        host.Transfer(IoOpcode.Write, 0, 1, new byte[4096]);
        host.Io(IoOpcode.Flush);
        Namespace encrypted = _drive!.Namespaces.Find(1)!;

        _drive.Namespaces.Delete(host.Clock.Now, encrypted);
        Namespace next = _drive.Namespaces.Create(2048, LbaFormatIndex.Bytes4096, shared: true);
        byte[] page = [.. Enumerable.Repeat((byte)3, 4096)], read = new byte[4096];
        next.Write(host.Clock.Now, new BlockRange(0, 1), page, writer: null);
        next.Flush(host.Clock.Now);
        next.Read(host.Clock.Now, new BlockRange(0, 1), read);

        Assert.Null(next.Transform);
        Assert.Equal(page, read);
        Assert.Equal(1, encrypted.Transform!.Counters.PagesEncoded);
    }

    [Fact]
    public void A_namespace_that_a_host_creates_gets_what_the_configuration_says_of_such()
    {
        TestHost host = TestHost.ConnectToNewDrive(out _drive, TestHost.SmallDrive with { Codecs = _codecs, CreatedTransforms = Everything });
        byte[] data = new byte[4096];
        WireStruct.Write(data, new NamespaceManagementData { Nsze = 256, Ncap = 256 });
        CommandOutcome created = host.Admin(AdminOpcode.NamespaceManagement, data);
        TestHost.AssertStatus(Status.Success, created);
        Assert.Equal(Everything, _drive.Namespaces.Find(created.Dw0)!.Transforms);
        Assert.True(_drive.Namespaces.Find(1)!.Transforms.IsNone);
    }

    [Fact]
    public void A_drive_without_transforms_has_no_stage_and_says_that_it_can_read_stored_pages()
    {
        TestHost host = TestHost.ConnectToNewDrive(out _drive);
        Assert.Null(_drive.Namespaces.Find(1)!.Transform);
        byte[] log = host.GetLog(LogPageId.CommandsSupportedAndEffects, 4096);
        CommandsSupportedAndEffects effects = WireStruct.Read<CommandsSupportedAndEffects>(log);
        Assert.True(((CommandEffects)(uint)effects.Acs[(byte)AdminOpcode.ReadStoredPages]).HasFlag(CommandEffects.Supported));
    }

    private TestHost Connect(NamespaceOptions ns) => TestHost.ConnectToNewDrive(
        out _drive, TestHost.SmallDrive with { Codecs = _codecs, Namespaces = [ns] });
}
