using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>A drive that is built on the medium of one that is gone, switched off or not.</summary>
public sealed class DrivePersistenceTests : IDisposable
{
    private static readonly DriveOptions Options = TestHost.SmallDrive with { MediumName = "disk.img" };

    private readonly MemoryMedium _medium = MediumFor(Options);
    private readonly TestClock _clock = new();
    private Drive _drive;
    private TestHost _host;

    public DrivePersistenceTests()
    {
        _drive = new Drive(Options, _medium);
        _host = TestHost.Connect(_drive, _clock);
    }

    public void Dispose()
    {
        _drive.Dispose();
        _medium.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_flushed_is_there_after_a_restart(bool clean)
    {
        byte[] data = [.. Enumerable.Repeat((byte)7, 4096)];
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, 3, 1, data));
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));

        Restart(clean);

        byte[] read = new byte[4096];
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, 3, 1, read));
        Assert.Equal(data, read);
        Assert.Equal(clean, _drive.Recovery!.WasClean);
    }

    [Theory]
    [InlineData(true, 0ul)]
    [InlineData(false, 1ul)]
    public void Power_cycles_and_losses_are_counted_through_restarts(bool clean, ulong losses)
    {
        Restart(clean);
        SmartHealth health = WireStruct.Read<SmartHealth>(_host.GetLog(LogPageId.SmartHealth, SmartHealth.Size));
        Assert.Equal(2ul, (ulong)health.Pwrc.Value);
        Assert.Equal(losses, (ulong)health.Upl.Value);
    }

    [Fact]
    public void What_a_storage_state_brought_is_there_after_a_power_loss_and_all_that_is_held_counts_as_written()
    {
        using var elsewhere = new Drive(Options with { SubsystemNqn = "nqn.2026-11.io.emulator:elsewhere" });
        TestHost from = TestHost.Connect(elsewhere, _clock);
        from.Write(0, 9);
        _host.SetMigration(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        _host.SendState(from.ReadStateBytes());
        _host.SetMigration(VmMigrationFlags.Completed);
        byte[] identifiers = _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1);
        Assert.Equal(from.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1), identifiers);
        _host.Write(20, 4);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        var before = WireStruct.Read<SmartHealth>(_host.GetLog(LogPageId.SmartHealth, SmartHealth.Size)).Hwc.Value;

        Restart(clean: true);

        Assert.Equal(identifiers, _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1));
        Assert.Equal(before, WireStruct.Read<SmartHealth>(_host.GetLog(LogPageId.SmartHealth, SmartHealth.Size)).Hwc.Value);
        Assert.Equal([(20ul, 4ul)], _host.ReadRanges(LogPageId.VmWrittenRanges).Ranges.Select(range => (range.Start, range.Blocks)));
    }

    [Fact]
    public void Namespaces_that_commands_made_formatted_and_deleted_are_so_after_a_power_loss()
    {
        uint made = Create(1024, LbaFormatIndex.Bytes512);
        byte[] identifiers = _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, made);
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: (uint)LbaFormatIndex.Bytes512));
        uint other = Create(16, LbaFormatIndex.Bytes4096);
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.NamespaceManagement, nsid: other, cdw10: 1));

        Restart(clean: false);

        Assert.Equal(16384u, _host.IdentifyNamespace(1).Nsze.Value);
        Assert.Equal(1024u, _host.IdentifyNamespace(made).Nsze.Value);
        Assert.Equal(identifiers, _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, made));
        Assert.Equal(0u, NamespaceList.Entry(_host.Identify(IdentifyCns.AllocatedNamespaceList), 2));
    }

    [Fact]
    public void A_host_finds_its_controller_and_what_was_attached_to_it()
    {
        TestHost second = TestHost.Connect(_drive, _clock, "nqn.2026-11.io.emulator:second", hostId: 2);
        ushort[] before = [_host.ControllerId, second.ControllerId];
        uint made = Create(16, LbaFormatIndex.Bytes4096);

        Restart(clean: false, connect: false);
        second = TestHost.Connect(_drive, _clock, "nqn.2026-11.io.emulator:second", hostId: 2);
        _host = TestHost.Connect(_drive, _clock);

        Assert.Equal((before[0], before[1]), (_host.ControllerId, second.ControllerId));
        Assert.Equal(16u, _host.IdentifyNamespace(made).Nsze.Value);
        Assert.Equal(0u, second.IdentifyNamespace(made).Nsze.Value);
    }

    [Fact]
    public void Marks_of_uncorrectable_blocks_come_back_and_go_for_good()
    {
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.WriteUncorrectable, 5, 2, []));
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        Restart(clean: false);
        TestHost.AssertStatus(Status.UnrecoveredReadError, _host.Transfer(IoOpcode.Read, 6, 1, new byte[4096]));

        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, 6, 1, new byte[4096]));
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        Restart(clean: false);

        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, 6, 1, new byte[4096]));
        TestHost.AssertStatus(Status.UnrecoveredReadError, _host.Transfer(IoOpcode.Read, 5, 1, new byte[4096]));
    }

    [Fact]
    public void Saved_features_come_back_and_others_do_not()
    {
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.Arbitration, 3, save: true));
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.WriteAtomicityNormal, 1));
        Restart(clean: false);
        Assert.Equal(3u, _host.GetFeature(FeatureId.Arbitration).Dw0);
        Assert.Equal(0u, _host.GetFeature(FeatureId.WriteAtomicityNormal).Dw0);
    }

    [Fact]
    public void A_reservation_persists_if_it_is_asked_to()
    {
        byte[] keys = new byte[ReservationRegisterData.Size];
        BitConverter.TryWriteBytes(keys.AsSpan(8), 0x1234ul);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.ReservationRegister, keys, cdw10: 3u << 30));
        byte[] acquire = new byte[ReservationAcquireData.Size];
        BitConverter.TryWriteBytes(acquire, 0x1234ul);
        TestHost.AssertStatus(
            Status.Success, _host.Io(IoOpcode.ReservationAcquire, acquire, cdw10: (uint)ReservationType.WriteExclusive << 8));

        Restart(clean: false);
        TestHost other = TestHost.Connect(_drive, _clock, "nqn.2026-11.io.emulator:other", hostId: 9);

        TestHost.AssertStatus(Status.ReservationConflict, other.Transfer(IoOpcode.Write, 0, 1, new byte[4096]));
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, 0, 1, new byte[4096]));
    }

    [Fact]
    public void Another_capacity_is_refused_in_one_line_that_says_what_to_do()
    {
        _drive.Dispose();
        var refused = Assert.Throws<MediumException>(() => new Drive(Options with { CapacityBytes = 32 << 20 }, _medium));
        Assert.Equal(
            "disk.img is the medium of a drive of 16777216 bytes, 33554432 are configured; "
            + "configure its size, or have it formatted anew", refused.Message);
        Reopen();
    }

    [Fact]
    public void Another_namespace_configuration_is_refused_and_changes_nothing()
    {
        _drive.Dispose();
        DriveOptions other = Options with { Namespaces = [new NamespaceOptions { SizeBytes = 4 << 20, BlockBytes = 512 }] };
        var refused = Assert.Throws<MediumException>(() => new Drive(other, _medium));
        Assert.Contains("namespaces[0] is configured as 4194304 bytes in blocks of 512, the medium was made with 8388608 bytes", refused.Message, StringComparison.Ordinal);
        Reopen();
        Assert.Equal(2048u, _host.IdentifyNamespace(1).Nsze.Value);
    }

    [Fact]
    public void Hosts_that_the_configuration_gives_a_namespace_now_have_it()
    {
        Restart(clean: true, connect: false);
        _drive.Dispose();
        DriveOptions changed = Options with
        {
            Namespaces = [Options.Namespaces[0] with { Hosts = ["nqn.2026-11.io.emulator:second"] }],
        };
        _drive = new Drive(changed, _medium);
        _host = TestHost.Connect(_drive, _clock);
        TestHost second = TestHost.Connect(_drive, _clock, "nqn.2026-11.io.emulator:second", hostId: 2);
        Assert.Equal(0u, _host.IdentifyNamespace(1).Nsze.Value);
        Assert.Equal(2048u, second.IdentifyNamespace(1).Nsze.Value);
    }

    [Theory]
    [InlineData(SystemAreaFault.Lost)]
    [InlineData(SystemAreaFault.Torn)]
    public void A_checkpoint_header_that_is_lost_or_torn_leaves_the_older_checkpoint_and_a_longer_journal(SystemAreaFault fault)
    {
        byte[] data = new byte[4096];
        ulong generation = 0;
        for (int i = 0; i < 4000; i++)
        {
            BitConverter.TryWriteBytes(data, i);
            TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, (uint)i % 1000, 1, data));
            if (i % 100 == 99)
                _drive.Inject(fault, SystemWrite.CheckpointHeader);
            if (i % 10 == 9)
                TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        }

        Restart(clean: false);
        Assert.True(_drive.Recovery!.Generation > generation);
        for (int i = 3000; i < 4000; i++)
        {
            TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, (uint)i % 1000, 1, data));
            Assert.Equal(i, BitConverter.ToInt32(data));
        }
    }

    private uint Create(ulong blocks, LbaFormatIndex format)
    {
        byte[] data = new byte[4096];
        WireStruct.Write(data, new NamespaceManagementData { Nsze = blocks, Ncap = blocks, Flbas = (byte)format });
        CommandOutcome created = _host.Admin(AdminOpcode.NamespaceManagement, data);
        TestHost.AssertStatus(Status.Success, created);
        byte[] controllers = new byte[ControllerList.Size];
        controllers[0] = 1;
        controllers[2] = (byte)_host.ControllerId;
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.NamespaceAttachment, controllers, created.Dw0));
        return created.Dw0;
    }

    private void Restart(bool clean, bool connect = true)
    {
        if (clean)
            Assert.True(_drive.Shutdown(_clock.Now).IsSuccess);
        _drive.Dispose();
        Reopen(connect);
    }

    private void Reopen(bool connect = true)
    {
        _drive = new Drive(Options, _medium);
        if (connect)
            _host = TestHost.Connect(_drive, _clock);
    }

    internal static MemoryMedium MediumFor(DriveOptions options)
    {
        MediumFormat format = options.ToMediumFormat();
        return new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);
    }
}
