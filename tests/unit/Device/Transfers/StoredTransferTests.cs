using System.Text;
using Emulator.Core;
using Emulator.Device;
using Emulator.Ftl;
using Emulator.Transforms;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>Direct transfer of pages as they are stored, and Write Stored Pages, which takes them.</summary>
public sealed class StoredTransferTests : IDisposable
{
    private static readonly PageTransforms Everything =
        new() { Compression = CompressionKind.Lz4, IsEncrypted = true, CorrectedBits = 8 };

    private readonly PageCodecFactory _codecs = new(new DriveSecret("a secret of the tests"u8));
    private readonly PageCodecFactory _others = new(new DriveSecret("another secret of the tests"u8));

    public void Dispose()
    {
        _codecs.Dispose();
        _others.Dispose();
    }

    public static TheoryData<CompressionKind, bool, int> Settings => new()
    {
        { CompressionKind.None, false, 0 },
        { CompressionKind.Lz4, false, 0 },
        { CompressionKind.Zstd, true, 0 },
        { CompressionKind.None, true, 4 },
        { CompressionKind.Lz4, true, 8 },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Pages_arrive_as_they_are_stored(CompressionKind compression, bool isEncrypted, int correctedBits)
    {
        using TransferRig rig = MakeRig(new PageTransforms
        {
            Compression = compression,
            IsEncrypted = isEncrypted,
            CorrectedBits = correctedBits,
        });
        var writer = new RandomWriter(rig.Vm, new SeededRandom(3));
        for (int i = 0; i < 40; i++)
            writer.Change();
        WriteText(rig.Vm, 300, 64);
        TestHost.AssertStatus(Status.Success, rig.Vm.Io(IoOpcode.Flush));
        // Some of it is in the cache alone, and newer than what is stored.
        WriteText(rig.Vm, 310, 5);
        Move(rig);

        rig.AssertSame();
        Assert.Equal((byte)DirectTransferForm.Stored, rig.Progress.Form);
        if (rig.Destination.Namespaces.Find(1)!.Transform is { } transform)
            Assert.Equal(0, transform.Counters.PagesEncoded);
    }

    [Fact]
    public void What_is_compressed_takes_less_on_the_way()
    {
        using TransferRig rig = MakeRig(Everything);
        WriteText(rig.Vm, 0, 128);
        TestHost.AssertStatus(Status.Success, rig.Vm.Io(IoOpcode.Flush));
        Move(rig);

        rig.AssertSame();
        Assert.InRange(rig.Progress.BytesSent.Value, 128UL * 64, 128UL * TransferRig.BlockBytes / 2);
        Assert.InRange(rig.Progress.Commands.Value, 1UL, 20UL);
    }

    [Fact]
    public void Blocks_that_are_marked_are_marked_there_and_the_rest_of_their_page_arrives()
    {
        using TransferRig rig = MakeRig(Everything);
        byte[] data = new byte[64 * 512];
        new SeededRandom(8).Fill(data);
        TestHost.AssertStatus(Status.Success, rig.Vm.Transfer(IoOpcode.Write, 0, 64, data, nsid: 2));
        TestHost.AssertStatus(Status.Success, rig.Vm.Transfer(IoOpcode.WriteUncorrectable, 19, 2, [], nsid: 2));
        Move(rig);

        Namespace there = rig.Destination.Namespaces.Find(2)!;
        Assert.Equal(2UL, rig.Progress.BlocksUnreadable.Value);
        Assert.True(there.IsUncorrectable(new BlockRange(19, 1)) && there.IsUncorrectable(new BlockRange(20, 1)));
        byte[] read = new byte[19 * 512];
        Assert.True(there.Read(rig.Clock.Now, new BlockRange(0, 19), read).IsSuccess);
        Assert.Equal(data[..read.Length], read);
        Assert.True(there.Read(rig.Clock.Now, new BlockRange(21, 19), read).IsSuccess);
        Assert.Equal(data[(21 * 512)..(40 * 512)], read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ends_that_do_not_agree_are_told_so(bool hasOtherKey)
    {
        using TransferRig rig = MakeRig(
            Everything, hasOtherKey ? Everything : Everything with { Compression = CompressionKind.Zstd }, hasOtherKey ? _others : _codecs);
        rig.Vm.Write(0, 4);
        rig.Activate();
        rig.Start(Request(rig));
        rig.RunUntil(DirectTransferPhase.Failed);

        Assert.Equal(DirectTransferReason.FormsDiffer, rig.Reason);
        rig.Vm.Write(0, 4);
        rig.Start(rig.Request());
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.AssertSame();
    }

    [Fact]
    public void Only_a_manager_is_told_how_a_namespace_is_stored()
    {
        using TransferRig rig = MakeRig(Everything);
        Assert.Equal(StoredFormSupport.SignatureValue, FormOf(rig.ManagerThere).Signature.Value);
        Assert.Equal(0u, FormOf(rig.VmThere).Signature.Value);

        static StoredFormSupport FormOf(TestHost host)
        {
            IdentifyNamespace identity = host.IdentifyNamespace();
            return WireStruct.Read<StoredFormSupport>(((ReadOnlySpan<byte>)identity.Vs)[..StoredFormSupport.Size]);
        }
    }

    [Fact]
    public void Write_stored_pages_is_for_a_namespace_that_a_vm_is_moving_to()
    {
        using TransferRig rig = MakeRig(Everything);
        byte[] pages = Pages(rig, 0, 8);
        TestHost.AssertStatus(Status.MigrationNotActive, Write(rig.ManagerThere, pages, 0, 8));
        rig.Activate();
        TestHost.AssertStatus(Status.AsymmetricAccessInaccessible, Write(rig.VmThere, pages, 0, 8));
        TestHost.AssertStatus(Status.InvalidField, Write(rig.ManagerThere, pages, 0, 0));
        TestHost.AssertStatus(Status.InvalidField, Write(rig.ManagerThere, pages, 0, 8, cdw13: 1));
        TestHost.AssertStatus(Status.LbaOutOfRange, Write(rig.ManagerThere, pages, 2041, 8));
        TestHost.AssertStatus(Status.Success, Write(rig.ManagerThere, pages, 0, 8));
        Assert.Equal(rig.Contents(rig.Source, 1).AsSpan(0, 8 * 4096), rig.Contents(rig.Destination, 1).AsSpan(0, 8 * 4096));
    }

    /// <summary>Offsets into the data of eight pages, of which the last is spoilt where it matters.</summary>
    [Theory]
    [InlineData(0, nameof(Status.StorageStateInvalid))]
    [InlineData(8, nameof(Status.StorageStateInvalid))]
    [InlineData(13, nameof(Status.StorageStateIncompatible))]
    [InlineData(14, nameof(Status.StorageStateInvalid))]
    [InlineData(17, nameof(Status.StorageStateInvalid))]
    [InlineData(21, nameof(Status.StorageStateInvalid))]
    [InlineData(24, nameof(Status.StorageStateInvalid))]
    [InlineData(28, nameof(Status.StorageStateInvalid))]
    [InlineData(32, nameof(Status.StorageStateIncompatible))]
    [InlineData(48, nameof(Status.StorageStateInvalid))]
    [InlineData(64, nameof(Status.StorageStateInvalid))]
    public void Pages_that_are_spoilt_are_refused_and_nothing_is_written(int offset, string status)
    {
        using TransferRig rig = MakeRig(Everything);
        byte[] pages = Pages(rig, 0, 8);
        rig.Activate();
        int last = 0;
        for (int page = 0; page < 7; page++)
        {
            StoredPageHeader header = WireStruct.Read<StoredPageHeader>(pages.AsSpan(last, StoredPageHeader.Size));
            last += (StoredPageHeader.Size + (int)(uint)header.Length + (int)(uint)header.ParityLength + 7) & -8;
        }

        pages[last + offset] ^= offset == 13 ? (byte)0x80 : (byte)0x10;
        var expected = (Status)typeof(Status).GetField(status)!.GetValue(null)!;
        TestHost.AssertStatus(expected, Write(rig.ManagerThere, pages, 0, 8));
        Assert.False(rig.Contents(rig.Destination, 1).AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Data_that_ends_early_is_refused()
    {
        using TransferRig rig = MakeRig(Everything);
        byte[] pages = Pages(rig, 0, 8);
        rig.Activate();
        for (int length = 0; length < pages.Length && pages.AsSpan(length).ContainsAnyExcept((byte)0); length += 36)
            TestHost.AssertStatus(Status.StorageStateInvalid, Write(rig.ManagerThere, pages[..length], 0, 8));
        Assert.False(rig.Contents(rig.Destination, 1).AsSpan().ContainsAnyExcept((byte)0));
    }

    private TransferRig MakeRig(PageTransforms here, PageTransforms? there = null, PageCodecFactory? codecsThere = null) => new(
        options => options with { Codecs = _codecs, Namespaces = Namespaces(options, here) },
        options => options with { Codecs = codecsThere ?? _codecs, Namespaces = Namespaces(options, there ?? here) });

    private static NamespaceOptions[] Namespaces(DriveOptions options, PageTransforms transforms) =>
        [.. options.Namespaces.Select(ns => ns with { Transforms = transforms })];

    private static DirectTransferRequest Request(TransferRig rig)
    {
        DirectTransferRequest request = rig.Request(DirectTransferMode.WrittenRanges);
        request.Form = (byte)DirectTransferForm.Stored;
        return request;
    }

    private static void Move(TransferRig rig)
    {
        rig.Activate();
        rig.Start(Request(rig));
        rig.RunUntil(DirectTransferPhase.Converged);
    }

    private static void WriteText(TestHost host, ulong block, int count)
    {
        byte[] data = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count * 256).Select(i => $"{block:D5} {i:D9}\n")));
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, block, count, data.AsSpan(0, count * 4096)));
    }

    /// <summary>Pages of the source as Read Stored Pages has them, of text that was written there.</summary>
    private static byte[] Pages(TransferRig rig, uint first, uint count)
    {
        WriteText(rig.Vm, first, (int)count);
        byte[] data = new byte[64 * 1024];
        CommandOutcome outcome = rig.Manager.Admin(
            AdminOpcode.ReadStoredPages, data, 1, first, 0, count, (uint)rig.Target << 16);
        TestHost.AssertStatus(Status.Success, outcome);
        Assert.Equal(count, outcome.Dw0);
        return data;
    }

    private static CommandOutcome Write(TestHost host, byte[] pages, uint first, uint count, uint cdw13 = 0) =>
        host.Io(IoOpcode.WriteStoredPages, pages, cdw10: first, cdw12: count, cdw13: cdw13);
}
