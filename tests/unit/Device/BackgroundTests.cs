using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Sanitize and device self-test, which go on behind the commands that start them.</summary>
public sealed class BackgroundTests : IDisposable
{
    private readonly Drive _drive;
    private readonly TestHost _host;

    public BackgroundTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void A_block_erase_shows_progress_refuses_commands_and_leaves_zeroes()
    {
        byte[] block = new byte[4096];
        block.AsSpan().Fill(9);
        _host.Transfer(IoOpcode.Write, 0, 1, block);
        _host.RequestEvent();

        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.Sanitize, cdw10: (uint)SanitizeAction.BlockErase));

        Assert.Equal((0, 2), (Status81.Sprog.Value, Status81.Sstat.Value & 7));
        TestHost.AssertStatus(Status.SanitizeInProgress, _host.Transfer(IoOpcode.Read, 0, 1, block));
        TestHost.AssertStatus(Status.SanitizeInProgress, _host.Admin(AdminOpcode.Sanitize, cdw10: 2));
        TestHost.AssertStatus(Status.SanitizeInProgress, _host.Admin(AdminOpcode.FormatNvm, nsid: 1));
        TestHost.AssertStatus(Status.SanitizeInProgress, _host.TryGetLog(LogPageId.DeviceSelfTest, 564, out _));
        _host.IdentifyController();
        _host.Wait(SimDuration.FromMilliseconds(30));
        Assert.InRange(Status81.Sprog.Value, 1, 65534);

        _host.Wait(SimDuration.FromSeconds(1));

        Assert.Equal([0x0081_0106u], _host.TakeEvents());
        Assert.Equal((0xFFFF, 0x101), (Status81.Sprog.Value, Status81.Sstat.Value));
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Read, 0, 1, block));
        Assert.All(block, value => Assert.Equal(0, value));
        _host.Transfer(IoOpcode.Write, 0, 1, block);
        Assert.Equal(1, Status81.Sstat.Value);
    }

    [Fact]
    public void An_overwrite_counts_its_passes()
    {
        _host.Admin(AdminOpcode.Sanitize, cdw10: (uint)SanitizeAction.Overwrite | (2 << 4) | (1 << 8), cdw11: 0x5555_AAAA);
        _host.Wait(SimDuration.FromMilliseconds(60));
        Assert.Equal(1, Status81.Sstat.Value >> 3 & 0x1F);
        _host.Wait(SimDuration.FromSeconds(1));
        Assert.Equal((2, 1), (Status81.Sstat.Value >> 3 & 0x1F, Status81.Sstat.Value & 7));
    }

    [Fact]
    public void No_deallocate_is_refused_unless_the_host_has_configured_a_warning()
    {
        const uint command = (uint)SanitizeAction.BlockErase | (1 << 9);
        TestHost.AssertStatus(Status.InvalidField, _host.Admin(AdminOpcode.Sanitize, cdw10: command));
        TestHost.AssertStatus(Status.Success, _host.SetFeature(FeatureId.SanitizeConfig, 1));
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.Sanitize, cdw10: command));
        _host.Wait(SimDuration.FromSeconds(1));
        Assert.Equal((int)SanitizeState.CompletedWithUnexpectedDeallocation, Status81.Sstat.Value & 7);
    }

    [Theory]
    [InlineData(0u, 0x002)]
    [InlineData(4u, 0x002)]
    [InlineData(5u, 0x002)]
    [InlineData(2u | 1 << 10, 0x002)]
    [InlineData(2u | 1 << 11, 0x002)]
    [InlineData(1u, 0)]
    public void Sanitize_actions_that_are_not_there_are_refused(uint cdw10, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.Admin(AdminOpcode.Sanitize, cdw10: cdw10));

    [Fact]
    public void A_short_self_test_runs_for_two_seconds_and_passes()
    {
        TestHost.AssertStatus(Status.Success, Test(SelfTestCode.Short));
        TestHost.AssertStatus(Status.DeviceSelfTestInProgress, Test(SelfTestCode.Extended));
        _host.Wait(SimDuration.FromSeconds(1));
        Assert.Equal(((byte)SelfTestCode.Short, 50), (Log06.Cdsto, Log06.Cdstc));

        _host.Wait(SimDuration.FromSeconds(1));

        Assert.Equal((0, 0x10, 0x0F), (Log06.Cdsto, Log06.Rds[0].Dsts, Log06.Rds[1].Dsts));
    }

    [Fact]
    public void A_self_test_ends_when_it_is_told_to()
    {
        Test(SelfTestCode.Extended);
        TestHost.AssertStatus(Status.Success, Test(SelfTestCode.Abort));
        Assert.Equal((0, 0x21), (Log06.Cdsto, Log06.Rds[0].Dsts));
        TestHost.AssertStatus(Status.Success, Test(SelfTestCode.Abort));
        Assert.Equal(0x0F, Log06.Rds[1].Dsts);
    }

    [Fact]
    public void A_controller_reset_ends_a_short_self_test_and_not_an_extended_one()
    {
        Test(SelfTestCode.Short);
        _host.ResetController();
        Assert.Equal(0x12, Log06.Rds[0].Dsts);
        Test(SelfTestCode.Extended);
        _host.ResetController();
        Assert.Equal((byte)SelfTestCode.Extended, Log06.Cdsto);
        _host.Wait(SimDuration.FromSeconds(10));
        Assert.Equal(0x20, Log06.Rds[0].Dsts);
    }

    [Fact]
    public void Format_and_sanitize_and_deletion_end_a_self_test()
    {
        Test(SelfTestCode.Short, nsid: 1);
        _host.Admin(AdminOpcode.FormatNvm, nsid: 1);
        Assert.Equal(0x14, Log06.Rds[0].Dsts);
        Test(SelfTestCode.Short, nsid: 1);
        _host.Admin(AdminOpcode.NamespaceManagement, nsid: 1, cdw10: 1);
        Assert.Equal(0x13, Log06.Rds[0].Dsts);
        Test(SelfTestCode.Short);
        _host.Admin(AdminOpcode.Sanitize, cdw10: 2);
        _host.Wait(SimDuration.FromSeconds(1));
        Assert.Equal(0x19, Log06.Rds[0].Dsts);
    }

    [Theory]
    [InlineData(0, 0u, 0x002)]
    [InlineData(3, 0u, 0x002)]
    [InlineData(1, 17u, 0x00B)]
    [InlineData(1, 2u, 0x002)]
    public void Self_tests_that_are_not_there_are_refused(byte code, uint nsid, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), Test((SelfTestCode)code, nsid));

    private SanitizeStatus Status81 => WireStruct.Read<SanitizeStatus>(
        _host.GetLog(LogPageId.SanitizeStatus, SanitizeStatus.Size, retainEvent: true));

    private SelfTestLog Log06 => WireStruct.Read<SelfTestLog>(_host.GetLog(LogPageId.DeviceSelfTest, SelfTestLog.Size));

    private CommandOutcome Test(SelfTestCode code, uint nsid = uint.MaxValue) =>
        _host.Admin(AdminOpcode.DeviceSelfTest, nsid: nsid, cdw10: (uint)code);
}
