using System.Net;
using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Ftl;
using Emulator.Host;
using Emulator.Host.Configuration;
using Serilog.Events;

namespace Emulator.UnitTests.Host;

public class SettingsFileTests
{
    [Fact]
    public void An_empty_object_is_the_default_drive()
    {
        EmulatorSettings settings = SettingsFile.Parse("config.json", "{}");

        Assert.Equivalent(new DriveOptions(), Assert.Single(settings.Drives).ToOptions());
        ListenerSettings listener = Assert.Single(settings.Listeners);
        Assert.Equal((IPAddress.Loopback, 4420), (listener.Address, listener.Port));
        Assert.Null(settings.Discovery);
        Assert.Equal(LogEventLevel.Information, settings.Log.Level);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(16777216, null)]
    [InlineData(0, "0 ranges in a list must be 1 to 16777216")]
    [InlineData(16777217, "16777217 ranges in a list must be 1 to 16777216")]
    public void A_list_has_room_for_some_ranges_and_not_for_any_number(int ranges, string? problem) => Assert.Equal(
        problem,
        DriveOptionsValidation.Problem(SettingsFile.Parse("config.json", $$"""{ "drives": [{ "maxRanges": {{ranges}} }] }""").Drives[0].ToOptions()));

    [Fact]
    public void Every_key_of_a_drive_reaches_its_options()
    {
        const string text = """
            {
              // Comments and trailing commas are welcome.
              "drives": [{
                "subsystem": "nqn.2026-11.io.emulator:a", "serial": "A1", "model": "M", "size": "2GiB",
                "namespaces": [{ "size": 1048576, "blockSize": 512, "hosts": ["nqn.2026-11.io.emulator:h"] }, {}],
                "maxNamespaces": 4, "controllerIds": "16-31", "hosts": ["nqn.2026-11.io.emulator:h"],
                "managers": ["nqn.2026-11.io.emulator:m"], "maxIoQueues": 2, "maxQueueEntries": 64,
                "maxTransfer": "128KiB", "inCapsuleData": "8KiB", "trackingGranule": "64KiB", "maxRanges": 5000,
                "flash": { "overProvisioning": 50, "channels": 2, "diesPerChannel": 1, "planesPerDie": 1,
                           "pagesPerBlock": 64, "blocksPerPlane": 9000 },
                "cache": { "size": "8MiB", "mode": "write-through", "volatile": false, "policy": "clock",
                           "prefetch": false, "accessNanoseconds": 800 },
              }],
            }
            """;

        DriveOptions drive = SettingsFile.Parse("config.json", text).Drives[0].ToOptions();

        Assert.Equal("nqn.2026-11.io.emulator:a", drive.SubsystemNqn);
        Assert.Equal("A1", drive.SerialNumber);
        Assert.Equal("M", drive.ModelNumber);
        Assert.Equal(2L << 30, drive.CapacityBytes);
        Assert.Equal((1 << 20, 512, "nqn.2026-11.io.emulator:h"), Namespace(drive.Namespaces[0]));
        Assert.Equal(new NamespaceOptions(), drive.Namespaces[1]);
        Assert.Equal(4, drive.MaxNamespaces);
        Assert.Equal((16, 31), (drive.FirstControllerId, drive.LastControllerId));
        Assert.Equal(["nqn.2026-11.io.emulator:h"], drive.AllowedHosts);
        Assert.Equal(["nqn.2026-11.io.emulator:m"], drive.Managers);
        Assert.Equal((2, 64), (drive.MaxIoQueues, drive.MaxQueueEntries));
        Assert.Equal((128 << 10, 8 << 10), (drive.MaxTransferBytes, drive.InCapsuleDataBytes));
        Assert.Equal((64 << 10, 5000), (drive.TrackingGranuleBytes, drive.MaxReportedRanges));
        Assert.Equal(50, drive.OverProvisioningPercent);
        Assert.Equal((2, 1, 1), (drive.Geometry!.Channels, drive.Geometry.DiesPerChannel, drive.Geometry.PlanesPerDie));
        Assert.Equal((64, 9000), (drive.Geometry.PagesPerBlock, drive.Geometry.BlocksPerPlane));
        Assert.Equal(
            new CacheOptions
            {
                SizeBytes = 8 << 20,
                Mode = CacheMode.WriteThrough,
                IsVolatile = false,
                Policy = ReplacementPolicyKind.Clock,
                Prefetch = false,
                AccessTime = new SimDuration(800),
            },
            drive.Cache);
        Assert.Null(DriveOptionsValidation.Problem(drive));
    }

    [Fact]
    public void Transforms_of_a_namespace_are_read_and_the_secret_is_only_named()
    {
        const string text = """
            { "drives": [{ "secret": { "environment": "DRIVE_SECRET" },
                           "namespaces": [{ "size": "1MiB", "compression": "zstd", "encryption": true, "ecc": 8 }, {}] }] }
            """;

        DriveSettings drive = SettingsFile.Parse("config.json", text).Drives[0];
        DriveOptions options = drive.ToOptions();

        Assert.Equal("DRIVE_SECRET", drive.Secret!.Environment);
        Assert.Equal(
            new PageTransforms { Compression = CompressionKind.Zstd, IsEncrypted = true, CorrectedBits = 8 },
            options.Namespaces[0].Transforms);
        Assert.True(options.Namespaces[1].Transforms.IsNone);
        Assert.Equal(4 + (9 * 13), options.EffectiveGeometry().ParityBytes);
    }

    [Fact]
    public void Transforms_of_namespaces_that_hosts_create_are_read_and_have_room_on_the_medium()
    {
        const string text = """
            { "drives": [{ "createdNamespaces": { "compression": "lz4", "ecc": 4 } }] }
            """;

        DriveOptions options = SettingsFile.Parse("config.json", text).Drives[0].ToOptions();

        Assert.Equal(new PageTransforms { Compression = CompressionKind.Lz4, CorrectedBits = 4 }, options.CreatedTransforms);
        Assert.True(options.Namespaces[0].Transforms.IsNone);
        Assert.Equal(options.CreatedTransforms.ParityBytes, options.EffectiveGeometry().ParityBytes);
    }

    [Theory]
    [InlineData("""{ "channels": 1 }""")]
    [InlineData("""{ "channels": 16, "diesPerChannel": 8 }""")]
    [InlineData("""{ "pagesPerBlock": 16 }""")]
    [InlineData("""{ "planesPerDie": 1, "overProvisioning": 0 }""")]
    public void A_geometry_given_in_part_is_completed_so_that_the_drive_fits(string flash)
    {
        string text = $$"""{ "drives": [{ "flash": {{flash}} }] }""";

        DriveOptions drive = SettingsFile.Parse("config.json", text).Drives[0].ToOptions();

        Assert.NotNull(drive.Geometry);
        Assert.Null(DriveOptionsValidation.Problem(drive));
    }

    [Fact]
    public void Listeners_discovery_and_log_are_read()
    {
        const string text = """
            {
              "listeners": [{ "address": "::1", "port": 4421, "advertise": "fd00::1", "drives": ["EMU0000001"] }],
              "discovery": { "address": "10.0.0.1" },
              "log": { "level": "debug", "console": false, "file": "none" }
            }
            """;

        EmulatorSettings settings = SettingsFile.Parse("config.json", text);

        Assert.Equal((IPAddress.IPv6Loopback, 4421), (settings.Listeners[0].Address, settings.Listeners[0].Port));
        Assert.Equal(IPAddress.Parse("fd00::1"), settings.Listeners[0].Advertise);
        Assert.Equal(["EMU0000001"], settings.Listeners[0].Drives!);
        Assert.Equal((IPAddress.Parse("10.0.0.1"), 8009), (settings.Discovery!.Address, settings.Discovery.Port));
        Assert.Equal((LogEventLevel.Debug, false, "none"), (settings.Log.Level, settings.Log.Console, settings.Log.File));
    }

    [Theory]
    [InlineData("""{ "drives": [{ "sise": "1GiB" }] }""", "drives[0].sise: unknown key; did you mean 'size'?")]
    [InlineData("""{ "drives": [{ "Size": "1GiB" }] }""", "drives[0].Size: unknown key; did you mean 'size'?")]
    [InlineData("""{ "colour": 1 }""", "colour: unknown key")]
    [InlineData("""{ "drives": [{ "effectiveTiming": "none" }] }""", "drives[0].effectiveTiming: unknown key")]
    [InlineData("""{ "drives": [{ "createdNamespaces": { "transforms": {} } }] }""", "drives[0].createdNamespaces.transforms: unknown key")]
    [InlineData("""{ "drives": [{}, { "flash": { "chanels": 1 } }] }""",
        "drives[1].flash.chanels: unknown key; did you mean 'channels'?")]
    [InlineData("""{ "drives": [{ "serial": "A", "serial": "B" }] }""", "drives[0].serial: is there twice")]
    [InlineData("""{ "drives": {} }""", "drives: must be a list in brackets")]
    [InlineData("""{ "drives": ["A"] }""", "drives[0]: must be an object in braces")]
    [InlineData("""[]""", "must be an object in braces")]
    [InlineData("""{ "drives": [{ "serial": 7 }] }""", "drives[0].serial: must be a text in quotes")]
    [InlineData("""{ "drives": [{ "serial": null }] }""",
        "drives[0].serial: null is no value; leave the key out for the default")]
    [InlineData("""{ "drives": [null] }""", "drives[0]: must be an object in braces")]
    [InlineData("""{ "drives": [{ "size": "1GB" }] }""",
        "drives[0].size: '1GB' has the unknown unit 'GB'; units are KiB, MiB, GiB and TiB")]
    [InlineData("""{ "drives": [{ "size": 1.5 }] }""",
        "drives[0].size: must be a whole number of bytes or a text such as \"1GiB\"")]
    [InlineData("""{ "drives": [{ "size": true }] }""", "drives[0].size: must be a text in quotes")]
    [InlineData("""{ "drives": [{ "controllerIds": 5 }] }""", "drives[0].controllerIds: must be a text in quotes")]
    [InlineData("""{ "drives": [{ "cache": { "mode": "writeback" } }] }""",
        "drives[0].cache.mode: 'writeback' is not a cache mode; there are write-back, write-through, off")]
    [InlineData("""{ "drives": [{ "cache": { "policy": "arc" } }] }""",
        "drives[0].cache.policy: 'arc' is not a cache policy; there are s3-fifo, lru, clock")]
    [InlineData("""{ "listeners": [{ "port": "4420" }] }""", "listeners[0].port: must be a whole number")]
    [InlineData("""{ "listeners": [{ "port": 4420.5 }] }""", "listeners[0].port: must be a whole number")]
    [InlineData("""{ "listeners": [{ "address": "here" }] }""",
        "listeners[0].address: 'here' is not an IP address such as 127.0.0.1 or ::1")]
    [InlineData("""{ "listeners": [{ "drives": [1] }] }""", "listeners[0].drives[0]: must be a text in quotes")]
    [InlineData("""{ "log": { "console": "yes" } }""", "log.console: must be true or false")]
    [InlineData("""{ "log": { "level": "loud" } }""",
        "log.level: 'loud' is not a log level; levels are verbose, debug, information, warning, error, fatal")]
    [InlineData("{\n  \"drives\": [}\n", "line 2, column 14: not valid JSON: '}' is an invalid start of a value")]
    [InlineData("", "line 1, column 1: not valid JSON: The input does not contain any JSON tokens")]
    public void What_is_wrong_is_told_in_one_line(string text, string message)
    {
        string thrown = Assert.Throws<UserErrorException>(() => SettingsFile.Parse("config.json", text)).Message;

        Assert.StartsWith($"config.json: {message}", thrown, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', thrown);
    }

    private static (long Size, int BlockSize, string Host) Namespace(NamespaceOptions ns) =>
        (ns.SizeBytes, ns.BlockBytes, Assert.Single(ns.Hosts));
}
