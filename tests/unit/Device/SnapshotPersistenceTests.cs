using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;
using Emulator.Transforms;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Snapshots on a medium that outlives the drive, and of namespaces with transforms.</summary>
public sealed class SnapshotPersistenceTests : IDisposable
{
    private readonly PageCodecFactory _codecs = new(new DriveSecret("a secret of the tests"u8));
    private readonly DriveOptions _options;
    private readonly MemoryMedium _medium;
    private readonly TestClock _clock = new();
    private Drive _drive;
    private TestHost _host;

    public SnapshotPersistenceTests()
    {
        _options = TestHost.SmallDrive with
        {
            MediumName = "disk.img",
            Codecs = _codecs,
            Namespaces =
            [
                new NamespaceOptions { SizeBytes = 4 << 20 },
                new NamespaceOptions
                {
                    SizeBytes = 4 << 20,
                    Transforms = new PageTransforms { Compression = CompressionKind.Lz4, IsEncrypted = true, CorrectedBits = 8 },
                },
            ],
        };
        MediumFormat format = _options.ToMediumFormat();
        _medium = new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);
        _drive = new Drive(_options, _medium);
        _host = TestHost.Connect(_drive, _clock);
    }

    public void Dispose()
    {
        _drive.Dispose();
        _medium.Dispose();
        _codecs.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Snapshots_are_there_after_a_restart_with_their_contents(bool clean)
    {
        _host.Fill(1, 1);
        _host.Fill(2, 1, nsid: 2);
        ushort first = _host.CreateSnapshot();
        ushort second = _host.CreateSnapshot(nsid: 2);
        _host.Fill(1, 2);
        _host.Fill(2, 2, nsid: 2);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.Flush));
        ushort gone = _host.CreateSnapshot();
        _host.DeleteSnapshot(gone);

        Restart(clean);

        Assert.Equal([first, second], _host.ListSnapshots().Entries.Select(entry => entry.Id.Value));
        Assert.Equal(SnapshotHost.Page(1), _host.ReadSnapshotPage(first, 1));
        Assert.Equal(SnapshotHost.Page(1), _host.ReadSnapshotPage(second, 2, nsid: 2));
        _host.AssertBlock(1, 2);
        _host.AssertBlock(2, 2, nsid: 2);
        Assert.True(_host.CreateSnapshot() > gone);
        _host.RestoreSnapshot(second, nsid: 2);
        _host.AssertBlock(2, 1, nsid: 2);
    }

    [Fact]
    public void A_page_of_a_snapshot_is_read_as_it_is_stored_with_the_key_it_was_written_with()
    {
        _host.Fill(3, 4, nsid: 2);
        ushort id = _host.CreateSnapshot(nsid: 2);
        _host.Fill(3, 5, nsid: 2);

        byte[] data = new byte[8192];
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.ReadStoredPages, data, 2, 3, 0, 1, 0, id));

        StoredPageHeader header = WireStruct.Read<StoredPageHeader>(data);
        var form = new StoredForm(header.Form);
        Assert.True(form.IsCompressed && form.IsEncrypted && form.HasEcc);
        byte[] stored = new byte[4096], plain = new byte[4096];
        data.AsSpan(StoredPageHeader.Size, (int)(uint)header.Length).CopyTo(stored);
        byte[] parity = data.AsSpan(StoredPageHeader.Size + (int)(uint)header.Length, (int)(uint)header.ParityLength).ToArray();
        Assert.True(_drive.Namespaces.Find(2)!.Transform!.Codec.Decode(3, form, stored, parity, plain).IsSuccess);
        Assert.Equal(SnapshotHost.Page(4), plain);
    }

    [Fact]
    public void A_medium_of_version_1_is_used_without_snapshots()
    {
        MediumFormat format = _options.ToMediumFormat() with { SnapshotChunks = 0 };
        using var medium = new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);
        FlashTranslationLayer.Format(medium, format);
        using var drive = new Drive(_options, medium);
        TestHost host = TestHost.Connect(drive, new TestClock());

        Assert.Equal(0u, host.ReadSupport().Snapshots.Value);
        TestHost.AssertStatus(Status.LimitReached, host.TrySnapshot(SnapshotAction.Create));
        host.Fill(1, 1);
        host.AssertBlock(1, 1);
    }

    private void Restart(bool clean)
    {
        if (clean)
            Assert.True(_drive.Shutdown(_clock.Now).IsSuccess);
        else
            _drive.PowerCut(_clock.Now);
        _drive.Dispose();
        _drive = new Drive(_options, _medium);
        _host = TestHost.Connect(_drive, _clock);
    }
}
