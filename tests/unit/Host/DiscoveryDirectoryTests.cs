using System.Net;
using Emulator.Device;
using Emulator.Host.Serving;
using Emulator.Wire;

namespace Emulator.UnitTests.Host;

public class DiscoveryDirectoryTests
{
    [Fact]
    public void Every_subsystem_of_every_listener_has_an_entry_and_every_address_a_port_identifier()
    {
        IReadOnlyList<DiscoveryEntry> entries = DiscoveryDirectory.Entries(
        [
            new ServedListener(IPEndPoint.Parse("127.0.0.1:4420"), null, ["nqn.a", "nqn.b"]),
            new ServedListener(IPEndPoint.Parse("[::1]:4421"), null, ["nqn.a"]),
        ]);

        Assert.Equal(
            [
                new DiscoveryEntry("nqn.a", AddressFamily.Ipv4, "127.0.0.1", 4420, 1),
                new DiscoveryEntry("nqn.b", AddressFamily.Ipv4, "127.0.0.1", 4420, 1),
                new DiscoveryEntry("nqn.a", AddressFamily.Ipv6, "::1", 4421, 2),
            ],
            entries);
    }

    [Fact]
    public void An_address_is_told_with_the_transport_that_is_there()
    {
        DiscoveryEntry entry = Assert.Single(DiscoveryDirectory.Entries(
            [new ServedListener(IPEndPoint.Parse("127.0.0.1:4420"), null, ["nqn.a"]) { Transport = TransportType.Rdma }]));

        Assert.Equal(TransportType.Rdma, entry.Transport);
    }

    [Fact]
    public void An_advertised_address_takes_the_place_of_the_real_one()
    {
        DiscoveryEntry entry = Assert.Single(DiscoveryDirectory.Entries(
            [new ServedListener(IPEndPoint.Parse("127.0.0.1:4420"), IPAddress.Parse("10.0.2.2"), ["nqn.a"])]));

        Assert.Equal("10.0.2.2", entry.Address);
    }

    [Theory]
    [InlineData("0.0.0.0:4420")]
    [InlineData("[::]:4420")]
    public void Hosts_are_never_told_to_connect_to_any_address(string listener)
    {
        IReadOnlyList<DiscoveryEntry> entries = DiscoveryDirectory.Entries(
            [new ServedListener(IPEndPoint.Parse(listener), null, ["nqn.a"])]);

        Assert.NotEmpty(entries);
        Assert.All(entries, entry => Assert.DoesNotContain(entry.Address, new[] { "0.0.0.0", "::" }));
        Assert.Equal(entries.Count, entries.Select(entry => entry.PortId).Distinct().Count());
    }
}
