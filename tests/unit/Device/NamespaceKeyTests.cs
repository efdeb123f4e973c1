using System.IO.Compression;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;
using Emulator.Transforms;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>An encrypted medium and the secret that it is mounted with.</summary>
public sealed class NamespaceKeyTests : IDisposable
{
    private static readonly PageTransforms Encrypted = new() { IsEncrypted = true };

    private readonly PageCodecFactory _codecs = new(new DriveSecret("a secret of the tests"u8));
    private readonly PageCodecFactory _others = new(new DriveSecret("another secret of the tests"u8));
    private readonly MemoryMedium _medium;

    public NamespaceKeyTests() => _medium = DrivePersistenceTests.MediumFor(Options(Encrypted));

    public void Dispose()
    {
        _medium.Dispose();
        _codecs.Dispose();
        _others.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_secret_is_refused_and_with_the_right_one_everything_is_there(bool clean)
    {
        byte[] written = [.. Enumerable.Repeat((byte)7, 4096)], read = new byte[4096];
        Use(Options(Encrypted), host => Write(host, written), clean);
        string key = KeyOnMedium(1)!;

        var refused = Assert.Throws<MediumException>(() => new Drive(Options(Encrypted) with { Codecs = _others }, _medium));

        Assert.StartsWith(
            $"namespace 1 of disk.img is encrypted with key {key}, the configured 'secret' gives key ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(key, KeyOnMedium(1));
        Use(Options(Encrypted), host => TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 3, 1, read)));
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_namespace_that_was_encrypted_once_needs_its_secret_ever_after(bool hasOther)
    {
        Use(Options(Encrypted), host => Write(host, new byte[4096]));
        Use(Options(default), host => Write(host, new byte[4096]));

        DriveOptions options = Options(default) with { Codecs = hasOther ? _others : null };
        var refused = Assert.Throws<MediumException>(() => new Drive(options, _medium));

        Assert.Contains(hasOther ? "the configured 'secret' gives key" : "no 'secret' is configured", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_is_encrypted_the_secret_may_change()
    {
        Use(Options(new PageTransforms { Compression = CompressionKind.Lz4 }), host => Write(host, new byte[4096]));
        Assert.Null(KeyOnMedium(1));
        Use(Options(Encrypted) with { Codecs = _others }, host => Write(host, new byte[4096]));
        Assert.NotNull(KeyOnMedium(1));
    }

    [Fact]
    public void The_summary_tells_transforms_and_a_key_that_differs_by_namespace()
    {
        var everything = new PageTransforms { Compression = CompressionKind.Zstd, IsEncrypted = true };
        DriveOptions options = Options(Encrypted) with
        {
            Namespaces =
            [
                new NamespaceOptions { SizeBytes = 1 << 20, Transforms = everything },
                new NamespaceOptions { SizeBytes = 1 << 20, Transforms = Encrypted },
                new NamespaceOptions { SizeBytes = 1 << 20 },
            ],
        };
        Use(options, host => Write(host, new byte[4096]));

        IReadOnlyList<NamespaceSummary> found = Summary().Namespaces;
        Assert.Equal([everything, Encrypted, default], found.Select(ns => ns.Transforms));
        Assert.Matches("^[0-9a-f]{32}$", found[0].KeyIdentifier);
        Assert.NotEqual(found[0].KeyIdentifier, found[1].KeyIdentifier);
        Assert.Null(found[2].KeyIdentifier);
    }

    [Fact]
    public void A_namespace_that_a_host_created_stays_as_it_was_made_through_restarts()
    {
        var made = new PageTransforms { Compression = CompressionKind.Lz4, IsEncrypted = true };
        byte[] written = [.. Enumerable.Repeat((byte)7, 4096)], read = new byte[4096];
        Use(Options(default) with { CreatedTransforms = made }, host =>
        {
            uint nsid = Create(host);
            TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 3, 1, written, nsid));
            TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush, nsid: nsid));
        });

        Use(Options(default), host =>
        {
            Assert.Equal(3u, Create(host));
            TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 3, 1, read, nsid: 2));
            TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 4, 1, written, nsid: 2));
        });

        Assert.Equal(written, read);
        Assert.Equal([default, made, default], Summary().Namespaces.Select(ns => ns.Transforms));
        Assert.NotNull(KeyOnMedium(2));
        var refused = Assert.Throws<MediumException>(() => new Drive(Options(default) with { Codecs = _others }, _medium));
        Assert.StartsWith("namespace 2 of disk.img is encrypted with key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_of_version_1_is_read_and_notes_the_key_from_then_on()
    {
        DriveOptions options = Options(Encrypted) with
        {
            SubsystemNqn = "nqn.2026-11.io.emulator:golden",
            Namespaces = [new NamespaceOptions { SizeBytes = 4 << 20, Transforms = Encrypted }],
        };
        FlashTranslationLayer.Format(_medium, options.ToMediumFormat());
        using (var ftl = new FlashTranslationLayer(new FlashArray(_medium), 4096))
        {
            ftl.KeepMetadata(new Recorded(Golden("metadata-v1.gz")));
            ftl.MetadataChanged();
            Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
        }

        Assert.Null(KeyOnMedium(1));
        Use(options, host => Assert.Equal(1024u, host.IdentifyNamespace(1).Nsze.Value));
        Assert.NotNull(KeyOnMedium(1));
        Assert.Equal(2, Summary().Namespaces.Count);
    }

    private DriveOptions Options(PageTransforms transforms) => TestHost.SmallDrive with
    {
        MediumName = "disk.img",
        Codecs = _codecs,
        Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20, Transforms = transforms }],
    };

    private void Use(DriveOptions options, Action<TestHost> work, bool clean = true)
    {
        using var drive = new Drive(options, _medium);
        var clock = new TestClock();
        work(TestHost.Connect(drive, clock));
        if (clean)
            Assert.True(drive.Shutdown(clock.Now).IsSuccess);
    }

    private static uint Create(TestHost host)
    {
        byte[] data = new byte[4096];
        WireStruct.Write(data, new NamespaceManagementData { Nsze = 256, Ncap = 256 });
        CommandOutcome created = host.Admin(AdminOpcode.NamespaceManagement, data);
        TestHost.AssertStatus(Status.Success, created);
        byte[] controllers = new byte[ControllerList.Size];
        controllers[0] = 1;
        controllers[2] = (byte)host.ControllerId;
        TestHost.AssertStatus(Status.Success, host.Admin(AdminOpcode.NamespaceAttachment, controllers, created.Dw0));
        return created.Dw0;
    }

    private static void Write(TestHost host, byte[] data)
    {
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 3, 1, data));
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush));
    }

    private string? KeyOnMedium(uint nsid) => Summary().Namespaces.Single(ns => ns.Nsid == nsid).KeyIdentifier;

    private MetadataSummary Summary()
    {
        using var ftl = new FlashTranslationLayer(new FlashArray(_medium), 4096);
        return MetadataSummary.Read(ftl.FoundMetadata);
    }

    private static byte[] Golden(string name)
    {
        using var file = new GZipStream(
            File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", name)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private sealed class Recorded(byte[] metadata) : IDeviceMetadata
    {
        public int WriteTo(Span<byte> destination)
        {
            metadata.CopyTo(destination);
            return metadata.Length;
        }
    }
}
