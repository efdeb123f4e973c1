using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class IdentifyTests : IDisposable
{
    private readonly Drive _drive;
    private readonly TestHost _host;

    public IdentifyTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Theory]
    [InlineData(0x04)]
    [InlineData(0x09)]
    [InlineData(0x0A)]
    [InlineData(0x14)]
    [InlineData(0x15)]
    [InlineData(0x18)]
    [InlineData(0x1C)]
    [InlineData(0x20)]
    [InlineData(0xFF)]
    public void A_structure_that_is_not_there_is_an_invalid_field(byte cns) =>
        TestHost.AssertStatus(Status.InvalidField, _host.TryIdentify((IdentifyCns)cns, out _, nsid: 1));

    [Theory]
    [InlineData(0x00, 0u, 0x00B)]
    [InlineData(0x00, 1u, 0)]
    [InlineData(0x00, 2u, 0)]
    [InlineData(0x00, 16u, 0)]
    [InlineData(0x00, 17u, 0x00B)]
    [InlineData(0x00, 0xFFFF_FFFFu, 0)]
    [InlineData(0x02, 0xFFFF_FFFEu, 0x00B)]
    [InlineData(0x02, 0xFFFF_FFFFu, 0x00B)]
    [InlineData(0x03, 2u, 0x002)]
    [InlineData(0x03, 17u, 0x00B)]
    [InlineData(0x03, 0xFFFF_FFFFu, 0x00B)]
    [InlineData(0x05, 2u, 0)]
    [InlineData(0x05, 17u, 0x00B)]
    [InlineData(0x08, 1u, 0)]
    [InlineData(0x08, 17u, 0x00B)]
    [InlineData(0x10, 0xFFFF_FFFFu, 0x00B)]
    [InlineData(0x11, 2u, 0)]
    [InlineData(0x11, 0xFFFF_FFFFu, 0x00B)]
    [InlineData(0x12, 1u, 0)]
    [InlineData(0x12, 0xFFFF_FFFFu, 0x002)]
    [InlineData(0x1B, 1u, 0)]
    [InlineData(0x1F, 1u, 0)]
    [InlineData(0x1F, 0xFFFF_FFFFu, 0x00B)]
    public void Each_structure_takes_the_NSIDs_that_it_is_defined_for(byte cns, uint nsid, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.TryIdentify((IdentifyCns)cns, out _, nsid));

    [Theory]
    [InlineData(0x05)]
    [InlineData(0x06)]
    [InlineData(0x07)]
    [InlineData(0x1A)]
    [InlineData(0x1B)]
    public void Another_command_set_is_an_invalid_field(byte cns) =>
        TestHost.AssertStatus(
            Status.InvalidField, _host.TryIdentify((IdentifyCns)cns, out _, nsid: 1, cdw11: 2u << 24));

    [Fact]
    public void An_inactive_namespace_is_all_zeroes() =>
        Assert.All(_host.Identify(IdentifyCns.Namespace, nsid: 2), value => Assert.Equal(0, value));

    [Fact]
    public void The_broadcast_NSID_gives_what_namespaces_have_in_common()
    {
        IdentifyNamespace common = _host.IdentifyNamespace(uint.MaxValue);
        Assert.Equal((0ul, 1), (common.Nsze.Value, common.Nlbaf));
        Assert.Equal((12, 9), (common.Lbaf[0].Lbads, common.Lbaf[1].Lbads));
    }

    [Fact]
    public void Lists_begin_behind_the_NSID_that_is_given() =>
        Assert.Equal(0u, NamespaceList.Entry(_host.Identify(IdentifyCns.ActiveNamespaceList, nsid: 1), 0));

    [Fact]
    public void The_UUID_list_holds_the_vendor_command_set()
    {
        byte[] list = _host.Identify(IdentifyCns.UuidList);
        Assert.All(list[..48], value => Assert.Equal(0, value));
        Assert.Equal(VendorCommandSet.Uuid.ToArray(), list[48..64]);
        Assert.All(list[64..], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(1u, 0)]
    [InlineData(2u, 0x002)]
    [InlineData(128u, 0x002)]
    public void A_UUID_index_that_the_list_does_not_have_is_an_invalid_field(uint index, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.TryIdentify(IdentifyCns.Controller, out _, cdw14: index));

    [Fact]
    public void A_buffer_that_is_too_short_is_an_invalid_length() =>
        TestHost.AssertStatus(
            Status.DataSglLengthInvalid,
            _host.Admin(AdminOpcode.Identify, new byte[4092], cdw10: (uint)IdentifyCns.Controller));

    [Fact]
    public void A_buffer_that_is_longer_is_cleared_behind_the_structure()
    {
        byte[] data = new byte[8192];
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.Identify, data, cdw10: (uint)IdentifyCns.Controller));
        Assert.All(data[4096..], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(AdminOpcode.DeleteIoSubmissionQueue)]
    [InlineData(AdminOpcode.CreateIoCompletionQueue)]
    [InlineData(AdminOpcode.VirtualizationManagement)]
    [InlineData(AdminOpcode.NvmeMiSend)]
    [InlineData(AdminOpcode.CapacityManagement)]
    [InlineData(AdminOpcode.Lockdown)]
    [InlineData(AdminOpcode.MigrationSend)]
    [InlineData(AdminOpcode.DoorbellBufferConfig)]
    [InlineData(AdminOpcode.SecuritySend)]
    [InlineData(AdminOpcode.SecurityReceive)]
    public void A_command_that_is_not_there_is_an_invalid_opcode_and_not_listed(AdminOpcode opcode)
    {
        TestHost.AssertStatus(Status.InvalidOpcode, _host.Admin(opcode));
        Assert.Equal(0, _host.GetLog(LogPageId.CommandsSupportedAndEffects, 4096)[4 * (int)opcode]);
    }
}
