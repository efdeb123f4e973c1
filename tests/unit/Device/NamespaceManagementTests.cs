using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class NamespaceManagementTests : IDisposable
{
    private const uint Everything = uint.MaxValue;

    private readonly Drive _drive;
    private readonly TestHost _host;

    public NamespaceManagementTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void The_whole_capacity_can_be_made_one_namespace_right_after_all_were_deleted()
    {
        TestHost.AssertStatus(Status.Success, Delete(Everything));
        Assert.Equal(0u, NamespaceList.Entry(_host.Identify(IdentifyCns.AllocatedNamespaceList), 0));
        IdentifyController id = _host.IdentifyController();
        Assert.Equal(id.Tnvmcap.Value, id.Unvmcap.Value);

        CommandOutcome created = Create((ulong)(id.Tnvmcap.Value / 4096));

        TestHost.AssertStatus(Status.Success, created);
        Assert.Equal(1u, created.Dw0);
        Assert.Equal(0u, (ulong)_host.IdentifyController().Unvmcap.Value);
    }

    [Fact]
    public void Deleting_all_when_there_is_none_succeeds()
    {
        TestHost.AssertStatus(Status.Success, Delete(Everything));
        TestHost.AssertStatus(Status.Success, Delete(Everything));
    }

    [Fact]
    public void A_new_namespace_is_allocated_and_inactive_until_it_is_attached()
    {
        uint nsid = Create(80, format: LbaFormatIndex.Bytes512).Dw0;
        Assert.Equal(2u, nsid);
        Assert.Equal(0u, _host.IdentifyNamespace(nsid).Nsze.Value);
        Assert.Equal(80u, WireStruct.Read<IdentifyNamespace>(_host.Identify(IdentifyCns.AllocatedNamespace, nsid)).Nsze.Value);

        TestHost.AssertStatus(Status.Success, Attach(nsid, _host.ControllerId));

        Assert.Equal(80u, _host.IdentifyNamespace(nsid).Nsze.Value);
        Assert.Equal(9, _host.IdentifyNamespace(nsid).Lbaf[_host.IdentifyNamespace(nsid).FormatIndex].Lbads);
        byte[] block = new byte[512];
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, 79, 1, block, nsid));
    }

    [Fact]
    public void A_deleted_namespace_has_other_identifiers_and_no_data_when_it_is_made_anew()
    {
        byte[] before = _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, nsid: 1);
        byte[] data = new byte[4096];
        data.AsSpan().Fill(7);
        _host.Transfer(IoOpcode.Write, 0, 1, data);

        Delete(1);
        Create(100);
        Attach(1, _host.ControllerId);

        Assert.NotEqual(before, _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, nsid: 1));
        _host.Transfer(IoOpcode.Read, 0, 1, data);
        Assert.All(data, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Namespaces_are_numbered_from_the_lowest_that_is_free()
    {
        Create(1);
        Create(1);
        Delete(2);
        Assert.Equal(2u, Create(1).Dw0);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0x002)]
    [InlineData(10, 11, 0, 0, 0, 0, 0x002)]
    [InlineData(10, 9, 0, 0, 0, 0, 0x11B)]
    [InlineData(10, 10, 2, 0, 0, 0, 0x10A)]
    [InlineData(10, 10, 0, 1, 0, 0, 0x10A)]
    [InlineData(10, 10, 0, 0, 2, 0, 0x002)]
    [InlineData(10, 10, 0, 0, 0, 7, 0x124)]
    [InlineData(1 << 20, 1 << 20, 0, 0, 0, 0, 0x115)]
    public void What_cannot_be_created_is_refused_precisely(
        ulong size, ulong capacity, byte format, byte protection, byte sharing, uint anaGroup, ushort expected)
    {
        var wanted = new NamespaceManagementData
        {
            Nsze = size,
            Ncap = capacity,
            Flbas = format,
            Dps = protection,
            Nmic = sharing,
            Anagrpid = anaGroup,
        };
        TestHost.AssertStatus(new Status(expected), Create(wanted));
    }

    [Fact]
    public void A_size_that_would_wrap_is_insufficient_capacity() =>
        TestHost.AssertStatus(Status.NamespaceInsufficientCapacity, Create(ulong.MaxValue));

    [Fact]
    public void Another_command_set_is_not_supported() =>
        TestHost.AssertStatus(
            Status.IoCommandSetNotSupported,
            _host.Admin(AdminOpcode.NamespaceManagement, new byte[4096], cdw11: 2u << 24));

    [Fact]
    public void There_are_no_more_namespaces_than_NN()
    {
        using var drive = new Drive(TestHost.SmallDrive with { MaxNamespaces = 2 });
        TestHost host = TestHost.Connect(drive, _host.Clock);
        var wanted = new NamespaceManagementData { Nsze = 1, Ncap = 1 };
        Assert.Equal(2u, host.Admin(AdminOpcode.NamespaceManagement, WireStruct.Bytes(ref wanted)).Dw0);
        TestHost.AssertStatus(
            Status.NamespaceIdentifierUnavailable, host.Admin(AdminOpcode.NamespaceManagement, WireStruct.Bytes(ref wanted)));
    }

    [Fact]
    public void Attaching_follows_what_is_attached_already()
    {
        ushort own = _host.ControllerId;
        uint nsid = Create(1).Dw0;
        TestHost.AssertStatus(Status.NamespaceNotAttached, Detach(nsid, own));
        TestHost.AssertStatus(Status.Success, Attach(nsid, own));
        TestHost.AssertStatus(Status.NamespaceAlreadyAttached, Attach(nsid, own));
        TestHost.AssertStatus(Status.ControllerListInvalid, Attach(nsid, 200));
        TestHost.AssertStatus(Status.Success, Detach(nsid, own));
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, Attach(17, own));
        TestHost.AssertStatus(Status.InvalidField, Attach(9, own));
    }

    [Fact]
    public void A_private_namespace_has_one_controller_and_a_shared_one_several()
    {
        TestHost second = TestHost.Connect(_drive, _host.Clock);
        Assert.NotEqual(_host.ControllerId, second.ControllerId);
        uint isPrivate = Create(1).Dw0;
        uint shared = Create(1, shared: true).Dw0;

        TestHost.AssertStatus(Status.Success, Attach(isPrivate, _host.ControllerId));
        TestHost.AssertStatus(Status.NamespaceIsPrivate, Attach(isPrivate, second.ControllerId));
        TestHost.AssertStatus(Status.Success, Attach(shared, _host.ControllerId, second.ControllerId));
    }

    [Fact]
    public void Attachments_survive_a_reset_and_a_reconnect()
    {
        uint nsid = Create(1).Dw0;
        Attach(nsid, _host.ControllerId);
        _host.ResetController();
        Assert.Equal(1u, _host.IdentifyNamespace(nsid).Nsze.Value);
        _host.SetConfiguration(default);
        _host.Reconnect();
        Assert.Equal(1u, _host.IdentifyNamespace(nsid).Nsze.Value);
    }

    [Fact]
    public void Another_controller_hears_of_a_deletion_and_the_one_that_was_asked_does_not()
    {
        TestHost other = TestHost.Connect(_drive, _host.Clock, "nqn.2026-11.io.emulator:other", hostId: 2);
        foreach (TestHost host in new[] { _host, other })
        {
            host.EnableEvents(AsyncEventNotices.AttachedNamespaceAttribute);
            host.RequestEvent();
        }

        Delete(1);

        Assert.Empty(_host.TakeEvents());
        Assert.Equal([0x0004_0002u], other.TakeEvents());
        Assert.Equal(1u, NamespaceList.Entry(other.GetLog(LogPageId.ChangedAttachedNamespaceList, 4096), 0));
        Assert.Equal(0u, NamespaceList.Entry(other.GetLog(LogPageId.ChangedAttachedNamespaceList, 4096), 0));
    }

    [Fact]
    public void The_first_controller_in_the_list_is_the_hosts_own()
    {
        TestHost other = TestHost.Connect(_drive, _host.Clock, "nqn.2026-11.io.emulator:other", hostId: 2);
        byte[] list = other.Identify(IdentifyCns.ControllerList);
        Assert.Equal(1, ControllerList.Count(list));
        Assert.Equal(other.ControllerId, ControllerList.Entry(list, 0));
    }

    [Fact]
    public void A_host_that_is_no_manager_where_there_are_managers_administers_nothing()
    {
        using var drive = new Drive(TestHost.SmallDrive with { Managers = ["nqn.2026-11.io.emulator:manager"] });
        TestHost guest = TestHost.Connect(drive, _host.Clock);

        OptionalAdminCommands offered = (OptionalAdminCommands)guest.IdentifyController().Oacs.Value;
        Assert.Equal(OptionalAdminCommands.None, offered & (OptionalAdminCommands.NamespaceManagement | OptionalAdminCommands.Firmware));
        TestHost.AssertStatus(Status.InvalidOpcode, guest.Admin(AdminOpcode.NamespaceManagement, nsid: Everything, cdw10: 1));
        TestHost.AssertStatus(Status.InvalidOpcode, guest.Admin(AdminOpcode.Sanitize, cdw10: 2));
        byte[] effects = guest.GetLog(LogPageId.CommandsSupportedAndEffects, 4096);
        Assert.Equal(0, effects[4 * (int)AdminOpcode.NamespaceManagement]);
    }

    [Fact]
    public void Management_and_attachment_are_said_to_change_the_number_of_namespaces_and_restrict_nothing()
    {
        byte[] effects = _host.GetLog(LogPageId.CommandsSupportedAndEffects, 4096);
        foreach (AdminOpcode opcode in new[] { AdminOpcode.NamespaceManagement, AdminOpcode.NamespaceAttachment })
        {
            uint entry = BitConverter.ToUInt32(effects, 4 * (int)opcode);
            Assert.Equal(0b1001u, entry & 0xFFFF);
            Assert.Equal(0u, entry >> 16 & 7);
        }
    }

    [Fact]
    public void Formatting_changes_the_block_size_and_forgets_the_data()
    {
        byte[] data = new byte[4096];
        data.AsSpan().Fill(7);
        _host.Transfer(IoOpcode.Write, 5, 1, data);

        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: (1 << 9) | 1));

        IdentifyNamespace id = _host.IdentifyNamespace();
        Assert.Equal((1, 16384ul), (id.FormatIndex, id.Nsze.Value));
        _host.Transfer(IoOpcode.Read, 40, 8, data);
        Assert.All(data, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(1u, 2u, 0x10A)]
    [InlineData(1u, 1u << 5, 0x10A)]
    [InlineData(1u, 2u << 9, 0x002)]
    [InlineData(1u, 1u << 14, 0x002)]
    [InlineData(0u, 0u, 0x00B)]
    [InlineData(2u, 0u, 0x002)]
    [InlineData(0xFFFF_FFFFu, 0u, 0)]
    public void Formats_that_are_not_there_are_refused(uint nsid, uint cdw10, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.Admin(AdminOpcode.FormatNvm, nsid: nsid, cdw10: cdw10));

    private CommandOutcome Create(ulong blocks, LbaFormatIndex format = LbaFormatIndex.Bytes4096, bool shared = false) =>
        Create(new NamespaceManagementData { Nsze = blocks, Ncap = blocks, Flbas = (byte)format, Nmic = shared ? (byte)1 : (byte)0 });

    private CommandOutcome Create(NamespaceManagementData wanted) =>
        _host.Admin(AdminOpcode.NamespaceManagement, WireStruct.Bytes(ref wanted));

    private CommandOutcome Delete(uint nsid) => _host.Admin(AdminOpcode.NamespaceManagement, nsid: nsid, cdw10: 1);

    private CommandOutcome Attach(uint nsid, params ushort[] controllers) => ChangeAttachment(nsid, 0, controllers);

    private CommandOutcome Detach(uint nsid, params ushort[] controllers) => ChangeAttachment(nsid, 1, controllers);

    private CommandOutcome ChangeAttachment(uint nsid, uint select, ushort[] controllers)
    {
        byte[] list = new byte[ControllerList.Size];
        foreach (ushort id in controllers)
            ControllerList.TryAppend(list, id);
        return _host.Admin(AdminOpcode.NamespaceAttachment, list, nsid, select);
    }
}
