using System.Buffers.Binary;
using System.Text;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Tcp;
using Emulator.Transforms;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Read Stored Pages, C6h of the vendor command set, over the wire, and the transforms that it shows.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class StoredPagesTests : IDisposable
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";
    private const string VmNqn = "nqn.2026-11.io.emulator:vm";
    private const int PageBytes = FlashGeometry.PageBytes;
    private const int Transfer = 64 << 10;

    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("what the tests keep secret");

    private readonly PageCodecFactory _codecs = new(new DriveSecret(Secret));
    private readonly TestTarget _target;
    private readonly HostController _manager;
    private readonly HostController _vm;
    private readonly HostQueue _queue;

    /// <summary>Namespace 1 is compressed, encrypted and has a code; namespace 2 has 512-byte blocks and nothing.</summary>
    public StoredPagesTests()
    {
        _target = new TestTarget(TestTarget.SmallDrive with
        {
            Codecs = _codecs,
            Managers = [ManagerNqn],
            Namespaces =
            [
                new NamespaceOptions
                {
                    SizeBytes = 32 << 20,
                    Hosts = [VmNqn],
                    Transforms = new PageTransforms
                    {
                        Compression = CompressionKind.Lz4,
                        IsEncrypted = true,
                        CorrectedBits = 8,
                    },
                },
                new NamespaceOptions { SizeBytes = 16 << 20, BlockBytes = 512, Hosts = [VmNqn] },
            ],
        });
        _vm = _target.Connect(out _queue, _target.Host with { HostNqn = VmNqn });
        _manager = _target.Connect(_target.Host with { HostNqn = ManagerNqn });
    }

    public void Dispose()
    {
        _vm.Dispose();
        _manager.Dispose();
        _target.Dispose();
        _codecs.Dispose();
    }

    [Fact]
    public void A_page_as_stored_is_what_the_codec_made_of_it_and_decodes_elsewhere_with_the_same_secret()
    {
        byte[] text = Text();
        Write(1, lba: 7, text);

        (StoredPageHeader header, byte[] bytes) = Assert.Single(Read(1, 7, 1, decoded: false));

        var form = new StoredForm(header.Form);
        Assert.Equal((7ul, 1u), ((ulong)header.Page, (uint)header.Pages));
        Assert.True(form.IsCompressed && form.IsEncrypted && form.HasEcc);
        Assert.InRange(form.Length, 16, PageBytes / 2);
        Assert.Equal((uint)form.Length, (uint)header.Length);
        Assert.Equal(new PageTransforms { CorrectedBits = 8 }.ParityBytes, (int)(uint)header.ParityLength);

        byte[] nguid = _target.Drive.Namespaces.Find(1)!.Identity.Nguid;
        using var elsewhere = new PageCodecFactory(new DriveSecret(Secret));
        using IPageCodec codec = elsewhere.Create(new PageTransforms { CorrectedBits = 8 }, nguid);
        Assert.Equal(codec.KeyIdentifier, BinaryPrimitives.ReadUInt128LittleEndian(header.KeyIdentifier));
        byte[] stored = new byte[PageBytes], plain = new byte[PageBytes];
        bytes.AsSpan(0, form.Length).CopyTo(stored);
        Assert.True(codec.Decode(header.Page, form, stored, bytes.AsSpan(form.Length), plain).IsSuccess);
        Assert.Equal(text, plain);
    }

    [Fact]
    public void A_page_decoded_is_what_the_host_wrote_and_no_key_is_named()
    {
        Write(1, lba: 7, Text());
        (StoredPageHeader header, byte[] bytes) = Assert.Single(Read(1, 7, 1, decoded: true));
        Assert.Equal(Text(), bytes);
        Assert.Equal(StoredForm.Plain.Value, (ushort)header.Form);
        Assert.False(((ReadOnlySpan<byte>)header.KeyIdentifier).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_namespace_without_transforms_is_stored_as_it_is(bool decoded)
    {
        Write(2, lba: 8, Text());
        (StoredPageHeader header, byte[] bytes) = Assert.Single(Read(2, 1, 1, decoded));
        Assert.Equal(StoredForm.Plain.Value, (ushort)header.Form);
        Assert.Equal(0u, (uint)header.ParityLength);
        Assert.Equal(Text(), bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Deallocated_pages_are_told_as_runs(bool decoded)
    {
        Write(1, lba: 10, Text());
        Write(1, lba: 12, Text());

        List<(StoredPageHeader Header, byte[] Bytes)> pages = Read(1, 0, 8192, decoded);

        Assert.Equal(
            [(0, 10, true), (10, 1, false), (11, 1, true), (12, 1, false), (13, 8179, true)],
            pages.Select(page => (
                (int)(ulong)page.Header.Page,
                (int)(uint)page.Header.Pages,
                ((StoredPageFlags)(ushort)page.Header.Flags).HasFlag(StoredPageFlags.Deallocated))));
    }

    [Fact]
    public void A_page_with_a_block_that_was_marked_is_unreadable_and_the_others_follow()
    {
        Write(2, lba: 0, Text());
        Write(2, lba: 8, Text());
        Assert.True(_queue.Execute(HostCommands.Io(IoOpcode.WriteUncorrectable, 2, 3, 1)).IsSuccess);
        Assert.True(_queue.Execute(HostCommands.Io(IoOpcode.WriteUncorrectable, 2, 17, 1)).IsSuccess);

        List<(StoredPageHeader Header, byte[] Bytes)> pages = Read(2, 0, 3, decoded: false);

        Assert.Equal([2, 0, 2], pages.Select(page => (int)page.Header.Flags));
        Assert.Equal([0, PageBytes, 0], pages.Select(page => page.Bytes.Length));
    }

    [Fact]
    public void What_does_not_fit_is_left_to_the_next_command()
    {
        byte[] noise = new byte[PageBytes];
        new SeededRandom(1).Fill(noise);
        for (ulong lba = 0; lba < 40; lba++)
            Write(1, lba, noise);

        HostCompletion completion = Execute(1, 0, 40, decoded: false, Transfer, out byte[] data);

        // 64 bytes of header, 4096 stored and 121 of parity, up to a multiple of 8.
        Assert.Equal((uint)(Transfer / (64 + 4096 + 128)), completion.Dw0);
        Assert.Equal((int)completion.Dw0, Parse(data).Count);
    }

    public static TheoryData<uint, ulong, uint, uint, int, string> BadCommands => new()
    {
        { 0, 0, 1, 0, Transfer, nameof(Status.InvalidNamespaceOrFormat) },
        { uint.MaxValue, 0, 1, 0, Transfer, nameof(Status.InvalidNamespaceOrFormat) },
        { 3, 0, 1, 0, Transfer, nameof(Status.InvalidField) },
        { 1, 0, 0, 0, Transfer, nameof(Status.InvalidField) },
        { 1, 0, 1, 2, Transfer, nameof(Status.InvalidField) },
        { 1, 8192, 1, 0, Transfer, nameof(Status.LbaOutOfRange) },
        { 1, 8191, 2, 0, Transfer, nameof(Status.LbaOutOfRange) },
        { 1, ulong.MaxValue, uint.MaxValue, 0, Transfer, nameof(Status.LbaOutOfRange) },
        { 1, 0, 1, 0, 8188, nameof(Status.DataSglLengthInvalid) },
    };

    [Theory]
    [MemberData(nameof(BadCommands))]
    public void What_cannot_be_is_refused_precisely(
        uint nsid, ulong first, uint count, uint flags, int length, string status)
    {
        SubmissionEntry entry = Command(nsid, first, count, decoded: false);
        entry.Cdw13 = entry.Cdw13 | flags;
        HostCompletion completion = _manager.Admin.Execute(entry, new byte[length]);
        Assert.Equal(Statuses.Named(status).WithDoNotRetry(), completion.Status);
    }

    [Fact]
    public void A_VM_may_not_read_what_is_stored_where_there_are_managers()
    {
        Write(1, lba: 0, Text());
        SubmissionEntry entry = Command(1, 0, 1, decoded: true);
        byte[] data = new byte[Transfer];
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), _vm.Admin.Execute(entry, data).Status);
        entry.Cdw13 = VendorCommandSet.DecodedPages;
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), _vm.Admin.Execute(entry, data).Status);
        Assert.False(data.AsSpan().ContainsAnyExcept((byte)0));
    }

    private void Write(uint nsid, ulong lba, byte[] page)
    {
        int blocks = nsid == 1 ? 1 : 8;
        Assert.True(_queue.Execute(HostCommands.Io(IoOpcode.Write, nsid, lba, (ushort)blocks), page).IsSuccess);
    }

    private List<(StoredPageHeader Header, byte[] Bytes)> Read(uint nsid, ulong first, uint count, bool decoded)
    {
        HostCompletion completion = Execute(nsid, first, count, decoded, Transfer, out byte[] data);
        Assert.Equal(count, completion.Dw0);
        return Parse(data);
    }

    private HostCompletion Execute(uint nsid, ulong first, uint count, bool decoded, int length, out byte[] data)
    {
        data = new byte[length];
        data.AsSpan().Fill(0xA5);
        HostCompletion completion = _manager.Admin.Execute(Command(nsid, first, count, decoded), data);
        Assert.Equal(Status.Success, completion.Status);
        return completion;
    }

    private SubmissionEntry Command(uint nsid, ulong first, uint count, bool decoded) => new()
    {
        Opcode = (byte)AdminOpcode.ReadStoredPages,
        Nsid = nsid,
        Cdw10 = (uint)first,
        Cdw11 = (uint)(first >> 32),
        Cdw12 = count,
        Cdw13 = ((uint)_vm.Id << 16) | (decoded ? VendorCommandSet.DecodedPages : 0),
    };

    /// <summary>Headers and what follows each, to the end of the data, which must be zero from there on.</summary>
    private static List<(StoredPageHeader Header, byte[] Bytes)> Parse(ReadOnlySpan<byte> data)
    {
        var pages = new List<(StoredPageHeader Header, byte[] Bytes)>();
        while (data.Length >= StoredPageHeader.Size)
        {
            StoredPageHeader header = WireStruct.Read<StoredPageHeader>(data[..StoredPageHeader.Size]);
            if (header.Pages == 0)
                break;
            int length = (int)(header.Length + header.ParityLength);
            byte[] bytes = data.Slice(StoredPageHeader.Size, length).ToArray();
            if (length != 0)
                Assert.Equal(Crc32C.Compute(bytes), (uint)header.Crc);
            pages.Add((header, bytes));
            int used = (StoredPageHeader.Size + length + StoredPageHeader.Alignment - 1) & -StoredPageHeader.Alignment;
            Assert.False(data[(StoredPageHeader.Size + length)..used].ContainsAnyExcept((byte)0));
            data = data[used..];
        }

        Assert.False(data.ContainsAnyExcept((byte)0));
        return pages;
    }

    private static byte[] Text() => Encoding.ASCII.GetBytes(string.Concat(
        Enumerable.Range(0, 1000).Select(i => $"line {i * i} of a log; ")))[..PageBytes];
}
