using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>What Linux 6.12 asks of a controller before it shows a disk, in its order, and what it insists on.</summary>
public sealed class LinuxConnectTests : IDisposable
{
    private readonly Drive _drive;
    private readonly TestHost _host;

    public LinuxConnectTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Identify_Controller_has_what_the_host_insists_on()
    {
        IdentifyController id = _host.IdentifyController();

        Assert.Equal(_host.ControllerId, id.Cntlid.Value);
        Assert.NotEqual(0, id.Kas.Value);
        Assert.True(id.Ioccsz >= 4u);
        Assert.True(id.Iorcsz >= 1u);
        Assert.Equal(0x0014_0001u, id.Sgls.Value);
        Assert.Equal(0, id.Icdoff.Value);
        Assert.Equal(ControllerType.Io, id.Cntrltype);
        Assert.Equal(0x66, id.Sqes);
        Assert.Equal(0x44, id.Cqes);
        Assert.Equal(id.Mnan.Value, id.Nn.Value);
        Assert.Equal("EMU0000001", TextField.ReadPadded(id.Sn));
        Assert.Equal(_drive.Nqn, System.Text.Encoding.UTF8.GetString(TextField.Terminated(id.Subnqn)));
    }

    [Fact]
    public void The_first_connect_reads_effects_health_and_access_and_sets_up_queues_and_events()
    {
        byte[] effects = _host.GetLog(LogPageId.CommandsSupportedAndEffects, CommandsSupportedAndEffects.Size);
        Assert.Equal(1, effects[1024 + (4 * (int)IoOpcode.Read)] & 1);
        _host.GetLog(LogPageId.SmartHealth, SmartHealth.Size);

        byte[] ana = _host.GetLog(LogPageId.AsymmetricNamespaceAccess, 16 + 32 + (4 * 16));
        Assert.Equal(1, WireStruct.Read<AnaLogHeader>(ana).Nagd.Value);
        ref readonly AnaGroupDescriptor group = ref WireStruct.Read<AnaGroupDescriptor>(ana.AsSpan(AnaLogHeader.Size));
        Assert.Equal((1u, 1u, AnaState.Optimized), (group.Agid.Value, group.Nnv.Value, group.Anasa));

        CommandOutcome queues = _host.SetFeature(FeatureId.NumberOfQueues, 3 << 16 | 3);
        Assert.Equal(3u << 16 | 3, queues.Dw0);
        uint notices = _host.IdentifyController().Oaes;
        Assert.NotEqual(0u, notices);
        _host.EnableEvents((AsyncEventNotices)notices);
        Assert.Equal(OutcomeKind.Pending, _host.RequestEvent().Kind);
    }

    [Fact]
    public void The_scan_finds_the_namespace_with_its_identifiers()
    {
        byte[] list = _host.Identify(IdentifyCns.ActiveNamespaceList);
        Assert.Equal(1u, NamespaceList.Entry(list, 0));
        Assert.Equal(0u, NamespaceList.Entry(list, 1));

        byte[] descriptors = _host.Identify(IdentifyCns.NamespaceIdentificationDescriptors, nsid: 1);
        Namespace ns = _drive.Namespaces.Find(1)!;
        Assert.Equal([1, 8, 0, 0, .. ns.Identity.Eui64], descriptors[..12]);
        Assert.Equal([2, 16, 0, 0, .. ns.Identity.Nguid], descriptors[12..32]);
        Assert.Equal([3, 16, 0, 0, .. ns.Identity.Uuid], descriptors[32..52]);
        Assert.Equal([4, 1, 0, 0, 0, 0, 0, 0], descriptors[52..60]);

        IdentifyNamespace id = _host.IdentifyNamespace();
        Assert.Equal(2048u, id.Nsze.Value);
        Assert.Equal(id.Nsze.Value, id.Ncap.Value);
        Assert.Equal(12, id.Lbaf[id.FormatIndex].Lbads);
        Assert.Equal(1u, id.Anagrpid.Value);
        _host.Identify(IdentifyCns.IoCommandSetController);
    }
}
