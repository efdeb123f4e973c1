using Emulator.Host;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;

namespace Emulator.UnitTests.Host;

public class ServePlanTests
{
    private const string TwoDrives =
        "\"drives\": [{ \"serial\": \"A\" }, { \"serial\": \"B\", \"subsystem\": \"nqn.2026-11.io.emulator:b\" }]";

    [Fact]
    public void Everything_behind_one_address_is_one_group()
    {
        ServePlan plan = Plan($"{{ {TwoDrives} }}");

        ServeGroup group = Assert.Single(plan.Groups);
        Assert.Equal(["A", "B"], group.Drives.Select(drive => drive.SerialNumber));
        Assert.Equal("127.0.0.1:4420", Assert.Single(group.Listeners).EndPoint.ToString());
    }

    [Fact]
    public void Drives_that_share_no_address_are_groups_of_their_own()
    {
        ServePlan plan = Plan($$"""
            { {{TwoDrives}}, "listeners": [
              { "port": 1, "drives": ["A"] }, { "port": 2, "drives": ["B"] }, { "port": 3, "drives": ["A"] }] }
            """);

        Assert.Equal(["A: 1 3", "B: 2"], plan.Groups.Select(group =>
            $"{group.Drives.Single().SerialNumber}: {string.Join(' ', group.Listeners.Select(l => l.EndPoint.Port))}"));
    }

    [Fact]
    public void Drives_of_one_subsystem_may_be_behind_different_addresses()
    {
        ServePlan plan = Plan("""
            { "drives": [{ "serial": "A", "controllerIds": "1-15" }, { "serial": "B", "controllerIds": "16-31" }],
              "listeners": [{ "port": 1, "drives": ["A"] }, { "port": 2, "drives": ["B"] }] }
            """);

        Assert.Equal(2, plan.Groups.Count);
    }

    [Fact]
    public void A_discovery_service_of_its_own_is_a_group_without_drives()
    {
        ServePlan plan = Plan("""{ "discovery": { "address": "::1" } }""");

        Assert.Equal(2, plan.Groups.Count);
        Assert.Empty(plan.Groups[1].Drives);
        Assert.Equal("[::1]:8009", Assert.Single(plan.Groups[1].Listeners).EndPoint.ToString());
    }

    [Theory]
    [InlineData("""{ "drives": [] }""", "drives: there is no drive to serve")]
    [InlineData("""{ "listeners": [] }""", "listeners: there is no address to serve at")]
    [InlineData("""{ "drives": [{ "size": 1000 }] }""",
        "drives[0]: size 1000 must be a multiple of 1 MiB, at least 1 MiB")]
    [InlineData("""{ "drives": [{ "preallocate": true, "medium": "disk.img" }] }""",
        "drives[0]: 'preallocate' is about memory, and the drive is in the file 'disk.img'")]
    [InlineData("""{ "drives": [{ "preallocate": true, "size": "4TiB" }] }""",
        "drives[0]: 'preallocate' is to take ")]
    [InlineData("""{ "drives": [{ "size": "5TiB" }] }""", "drives[0]: size 5497558138880 must be at most 4 TiB")]
    [InlineData("""{ "drives": [{ "flash": { "channels": 0 } }] }""",
        "drives[0]: impossible geometry: channels is 0, must be 1 to 64")]
    [InlineData("""{ "drives": [{ "flash": { "channels": 64, "diesPerChannel": 64, "planesPerDie": 8, "pagesPerBlock": 65536, "blocksPerPlane": 1 } }] }""",
        "drives[0]: impossible geometry: 2147483648 pages in a superblock are more than")]
    [InlineData("""{ "drives": [{ "flash": { "blocksPerPlane": 5 } }] }""",
        "drives[0]: impossible geometry: the medium carries")]
    [InlineData("""{ "drives": [{ "cache": { "size": "1KiB" } }] }""",
        "drives[0]: cache size 1024 must be a multiple of 4 KiB from 1048576")]
    [InlineData("""{ "drives": [{ "cache": { "accessNanoseconds": -1 } }] }""",
        "drives[0]: cache access time -0.001 us must be 0 to 1 ms")]
    [InlineData("""{ "drives": [{ "namespaces": [{ "blockSize": 520 }] }] }""",
        "drives[0]: namespace block size 520 must be 512 or 4096")]
    [InlineData("""{ "drives": [{ "namespaces": [{ "ecc": 41 }] }] }""", "drives[0]: ecc of 41 bits must be 0 to 40")]
    [InlineData("""{ "drives": [{ "namespaces": [{ "ecc": -1 }] }] }""", "drives[0]: ecc of -1 bits must be 0 to 40")]
    [InlineData("""{ "drives": [{ "namespaces": [{ "encryption": true }] }] }""",
        "drives[0]: encryption needs a 'secret' that the keys derive from")]
    [InlineData("""{ "drives": [{ "createdNamespaces": { "encryption": true } }] }""",
        "drives[0]: encryption needs a 'secret' that the keys derive from")]
    [InlineData("""{ "drives": [{ "createdNamespaces": { "ecc": 41 } }] }""", "drives[0]: ecc of 41 bits must be 0 to 40")]
    [InlineData("""{ "drives": [{ "secret": {} }] }""", "drives[0]: the secret needs a 'file' or an 'environment'")]
    [InlineData("""{ "drives": [{ "secret": { "file": "a", "environment": "B" } }] }""",
        "drives[0]: the secret has both a 'file' and an 'environment'; one must go")]
    [InlineData("""{ "drives": [{ "secret": { "file": "/nowhere/secret" } }] }""",
        "drives[0].secret: the secret in file '/nowhere/secret' cannot be read: ")]
    [InlineData("""{ "drives": [{ "secret": { "environment": "EMULATOR_NO_SUCH_VARIABLE" } }] }""",
        "drives[0].secret: the secret is to be in environment variable 'EMULATOR_NO_SUCH_VARIABLE', which is not set")]
    [InlineData("""{ "drives": [{ "maxTransfer": "4GiB" }] }""", "drives[0]: longest transfer 2147483647 must be")]
    [InlineData("""{ "drives": [{ "hosts": ["me"] }] }""",
        "drives[0]: host 'me' is not an NVMe Qualified Name (nqn.yyyy-mm.domain:name)")]
    [InlineData("""{ "drives": [{}, {}] }""", "drives[1]: has the same serial 'EMU0000001' as drives[0]")]
    [InlineData("""{ "drives": [{}, { "serial": "B" }] }""",
        "drives[1]: is of the same subsystem with some of the same controllerIds (1-255, 1-255) as drives[0]")]
    [InlineData("""{ "drives": [{}, { "serial": "B", "controllerIds": "256-300" }] }""",
        "listeners[0]: several of its drives are of subsystem nqn.2026-11.io.emulator:drive0, which hosts could not")]
    [InlineData("""{ "listeners": [{ "port": 65536 }] }""", "listeners[0]: port 65536 must be 0 to 65535")]
    [InlineData("""{ "listeners": [{}, {}] }""", "listeners[1]: 127.0.0.1:4420 is there twice")]
    [InlineData("""{ "listeners": [{ "drives": [] }] }""", "listeners[0]: it serves no drive; leave the key")]
    [InlineData("""{ "listeners": [{ "drives": ["EMU000001"] }] }""",
        "listeners[0]: there is no drive with the serial 'EMU000001'; did you mean 'EMU0000001'?")]
    [InlineData("{ " + TwoDrives + """, "listeners": [{ "drives": ["A"] }] }""", "drives[1]: no listener serves it")]
    [InlineData("{ " + TwoDrives + """, "listeners": [{ "port": 1 }, { "port": 2, "drives": ["A"] }] }""",
        "listeners[1]: it has some of its drives in common with listeners[0]; it must be all of them or none")]
    [InlineData("""{ "discovery": { "port": -1 } }""", "discovery: port -1 must be 0 to 65535")]
    [InlineData("""{ "discovery": { "port": 4420 } }""", "discovery: a listener has the same address")]
    public void What_cannot_be_served_is_refused_in_one_line(string text, string message) =>
        Assert.StartsWith(
            "config.json: " + message,
            Assert.Throws<UserErrorException>(() => Plan(text)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Drives_that_are_preallocated_take_the_memory_from_each_other()
    {
        long size = MachineMemory.Available * 6 / 10 & -(1L << 20);
        string drives = $$"""
            "drives": [
                { "serial": "A", "subsystem": "nqn.2026-11.io.emulator:a", "size": {{size}}, "preallocate": true },
                { "serial": "B", "subsystem": "nqn.2026-11.io.emulator:b", "size": {{size}}, "preallocate": true }
            ]
            """;

        Assert.Matches(
            @"^config\.json: drives\[1\]: 'preallocate' is to take \d+ [MG]iB of memory, and \d+ [MG]iB are available$",
            Assert.Throws<UserErrorException>(() => Plan("{ " + drives + " }")).Message);
    }

    [Fact]
    public void Without_a_file_the_message_names_none()
    {
        var settings = new EmulatorSettings { Drives = [new DriveSettings { Serial = "" }] };

        Assert.Equal(
            "serial '' must be 1 to 20 printable ASCII characters",
            Assert.Throws<UserErrorException>(() => ServePlan.From(settings, source: null)).Message);
    }

    private static ServePlan Plan(string text) =>
        ServePlan.From(SettingsFile.Parse("config.json", text), "config.json");
}
