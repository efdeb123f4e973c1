using Emulator.Host;
using Emulator.Host.Commands;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;

namespace Emulator.UnitTests.Spdk;

public class SpdkSettingsTests
{
    [Theory]
    [InlineData("tcp", ListenerTransport.Tcp)]
    [InlineData("spdk", ListenerTransport.Spdk)]
    [InlineData("spdk-tcp", ListenerTransport.Spdk)]
    [InlineData("spdk-rdma", ListenerTransport.SpdkRdma)]
    [InlineData("spdk-vfio-user", ListenerTransport.SpdkVfioUser)]
    public void Transports_have_names(string text, ListenerTransport transport) =>
        Assert.Equal(transport, ListenerTransportText.Parse(text));

    [Fact]
    public void The_option_is_for_every_listener_and_the_rest_is_as_it_was()
    {
        EmulatorSettings settings = Settings("--transport spdk --spdk-cores 0x2 --spdk-memory 1GiB --spdk-huge-pages");

        ListenerSettings listener = Assert.Single(settings.Listeners);
        Assert.Equal((ListenerTransport.Spdk, ListenerSettings.DefaultPort), (listener.Transport, listener.Port));
        Assert.Equal(("0x2", 1L << 30, true), (settings.Spdk.Cores, settings.Spdk.Memory.Bytes, settings.Spdk.HugePages));
    }

    [Fact]
    public void A_directory_makes_a_PCIe_device_and_no_address()
    {
        ListenerSettings listener = Assert.Single(Settings("--vfio-user /run/drive").Listeners);

        Assert.Equal((ListenerTransport.SpdkVfioUser, "/run/drive"), (listener.Transport, listener.Directory));
    }

    [Theory]
    [InlineData("""{ "listeners": [{ "transport": "spdk", "port": 0 }] }""", "SPDK takes no port 0: name one")]
    [InlineData("""{ "listeners": [{ "transport": "spdk-vfio-user" }] }""", "a vfio-user device needs a 'directory' for its socket")]
    [InlineData("""{ "listeners": [{ "directory": "/tmp" }] }""", "only a vfio-user device has a 'directory'")]
    [InlineData("""{ "listeners": [{ "host": "nqn.2026-11.io.emulator:vm" }] }""", "only a vfio-user device has a 'host'; others say who they are")]
    [InlineData(
        """{ "listeners": [{ "transport": "spdk-vfio-user", "directory": "/run/d", "host": "vm" }] }""",
        "host 'vm' is not an NVMe Qualified Name (nqn.yyyy-mm.domain:name)")]
    [InlineData(
        """{ "listeners": [{ "port": 1 }, { "port": 2, "transport": "spdk" }] }""",
        "its drives are also those of listeners[0], by another door; one thread owns a drive, so that all have to be SPDK's or none")]
    public void What_cannot_be_served_is_refused(string json, string problem)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(
            () => ServePlan.From(SettingsFile.Parse("config.json", json), "config.json"));

        Assert.EndsWith(problem, e.Message, StringComparison.Ordinal);
    }

    private static EmulatorSettings Settings(string arguments) =>
        ServeCommand.OptionsOf(EmulatorCommand.Create().Parse("serve " + arguments)).Over(new EmulatorSettings());
}
