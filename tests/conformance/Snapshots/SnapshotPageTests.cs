using System.Security.Cryptography;
using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>Log pages D5h, D6h and D7h over the wire, from the text of the contract.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class SnapshotPageTests : IDisposable
{
    private const byte Checksums = 0xD5;
    private const byte Snapshots = 0xD6;
    private const byte Delta = 0xD7;

    private readonly MigrationPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void The_list_has_the_header_and_entries_of_the_contract()
    {
        byte[] none = _pair.Source.GetLog(Snapshots, 128, lsi: _pair.From);
        Assert.Equal((1, _pair.From, 64u, 0u, 0u), (U16(none, 0), U16(none, 2), U32(none, 4), U32(none, 8), U32(none, 12)));
        Assert.Equal((ulong.MaxValue, 64u), (U64(none, 16), U32(none, 44)));
        AssertZero(none, 24..44, 48..128);

        MigrationPair.Write(_pair.VmQueue, 7, 3);
        MakeSnapshot(1);
        MakeSnapshot(2);
        MigrationPair.Write(_pair.VmQueue, 8, 1);
        byte[] list = _pair.Source.GetLog(Snapshots, 256, lsi: _pair.From);

        Assert.Equal((2u, 2u), (U32(list, 8), U32(list, 12)));
        Assert.InRange(U64(list, 16), 1ul << 20, 1ul << 27);
        Assert.Equal((1, 0, 1u, 16384ul, 4096u, 4096ul), Entry(list, 64));
        Assert.Equal((2, 0, 2u, 32768ul, 512u, 0ul), Entry(list, 128));
        Assert.True(U64(list, 64 + 8) <= U64(list, 128 + 8));
        AssertZero(list, 92..96, 104..112, 192..256);
        Assert.Equal(Nguid(1), list[112..128]);
        Assert.Equal(Nguid(2), list[176..192]);
    }

    [Fact]
    public void A_delta_is_a_range_list_of_what_changed_since()
    {
        MigrationPair.Write(_pair.VmQueue, 10, 10);
        MakeSnapshot(1);
        byte[] none = _pair.Source.GetLog(Delta, 128, lsi: 1);
        Assert.Equal((1, 1, 0u, 0ul, 0ul), (U16(none, 0), U16(none, 2), U32(none, 4), U64(none, 24), U64(none, 32)));
        Assert.Equal((0ul, 4096u, 32u), (U64(none, 16), U32(none, 40), U32(none, 44)));
        AssertZero(none, 48..128);

        MigrationPair.Write(_pair.VmQueue, 12, 2);
        MigrationPair.Write(_pair.VmQueue, 300, 1);
        Assert.Equal(Status.Success, _pair.VmQueue.Execute(HostCommands.Io(IoOpcode.WriteZeroes, 1, 14, 3)).Status);
        byte[] list = _pair.Source.GetLog(Delta, 256, lsi: 1);

        Assert.Equal((3ul, 6ul), (U64(list, 24), U64(list, 32)));
        Assert.Equal(U64(none, 8) + 1, U64(list, 8));
        Assert.Equal([(12, 2, 1, 0), (14, 3, 1, 1), (300, 1, 1, 0)], Ranges(list));
        AssertZero(list, 88..96, 160..256);

        // A second snapshot knows only what came after it; the first still knows all.
        MakeSnapshot(1);
        MigrationPair.Write(_pair.VmQueue, 11, 1);
        Assert.Equal([(11, 1, 1, 0)], Ranges(_pair.Source.GetLog(Delta, 256, lsi: 2)));
        Assert.Equal([(11, 3, 1, 0), (14, 3, 1, 1), (300, 1, 1, 0)], Ranges(_pair.Source.GetLog(Delta, 256, lsi: 1)));
    }

    [Fact]
    public void A_delta_in_pieces_is_of_one_moment()
    {
        MakeSnapshot(1);
        for (ulong lba = 0; lba < 600; lba += 2)
            MigrationPair.Write(_pair.VmQueue, lba, 1);
        byte[] first = new byte[4096];
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(Delta, first, lsi: 1));
        for (ulong lba = 0; lba < 600; lba += 100)
            MigrationPair.Write(_pair.VmQueue, lba, 100);
        byte[] rest = new byte[8192];
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(Delta, rest, 4096, lsi: 1));
        byte[] list = [.. first, .. rest];
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (2 * i, 1, 1, 0)), Ranges(list));
        AssertZero(list, (64 + (300 * 32))..list.Length);
        Assert.Equal([(0, 600, 1, 0)], Ranges(_pair.Source.GetLog(Delta, 4096, lsi: 1)));
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(3, 32768)]
    [InlineData(8, 1 << 20)]
    public void Checksums_are_of_what_hosts_read(byte lsp, int rangeBytes)
    {
        for (ulong lba = 256; lba < 556; lba += 100)
            MigrationPair.Write(_pair.VmQueue, lba, 100, fill: 3);
        int ranges = (64 << 20) / rangeBytes;
        byte[] page = new byte[64 + (ranges * 32)];
        for (int at = 0; at < page.Length; at += 32768)
        {
            byte[] piece = new byte[Math.Min(32768, page.Length - at)];
            Assert.Equal(Status.Success, _pair.Source.TryGetLog(Checksums, piece, (ulong)at, lsp, _pair.From, nsid: 1));
            piece.CopyTo(page, at);
        }

        Assert.Equal((1, _pair.From, 0u), (U16(page, 0), U16(page, 2), U32(page, 4)));
        Assert.Equal(((ulong)ranges, 16384ul, 4096u, 32u), (U64(page, 24), U64(page, 32), U32(page, 40), U32(page, 44)));
        byte[] contents = new byte[64 << 20];
        contents.AsSpan(256 * 4096, 300 * 4096).Fill(3);
        for (int range = 0; range < ranges; range++)
        {
            ReadOnlySpan<byte> bytes = contents.AsSpan(range * rangeBytes, rangeBytes);
            byte[] expected = bytes.ContainsAnyExcept((byte)0) ? SHA256.HashData(bytes) : new byte[32];
            Assert.True(expected.AsSpan().SequenceEqual(page.AsSpan(64 + (range * 32), 32)), $"range {range}");
        }
    }

    [Fact]
    public void A_range_that_cannot_be_read_has_ones_and_one_that_is_written_with_zeroes_their_checksum()
    {
        MigrationPair.Write(_pair.VmQueue, 1, 1, fill: 0);
        Assert.Equal(Status.Success, _pair.VmQueue.Execute(HostCommands.Io(IoOpcode.WriteUncorrectable, 1, 2, 1)).Status);
        byte[] page = new byte[64 + (4 * 32)];
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(Checksums, page, lsi: _pair.From, nsid: 1));
        Assert.Equal(new byte[32], page[64..96]);
        Assert.Equal(SHA256.HashData(new byte[4096]), page[96..128]);
        Assert.Equal(Enumerable.Repeat((byte)0xFF, 32), page[128..160]);
    }

    /// <summary>Rows: page, offset, LSP, LSI (-1: the VM's controller), namespace, status.</summary>
    public static TheoryData<byte, ulong, byte, int, uint, string> BadReads => new()
    {
        { Checksums, 0, 0, -1, 0, nameof(Status.InvalidNamespaceOrFormat) },
        { Checksums, 0, 0, -1, uint.MaxValue, nameof(Status.InvalidNamespaceOrFormat) },
        { Checksums, 0, 0, -1, 3, nameof(Status.InvalidField) },
        { Checksums, 0, 15, -1, 1, nameof(Status.InvalidField) },
        { Checksums, 0, 127, -1, 1, nameof(Status.InvalidField) },
        { Checksums, 64, 0, -1, 1, nameof(Status.CommandSequenceError) },
        { Checksums, 0, 0, 0x7123, 1, nameof(Status.InvalidField) },
        { Snapshots, 0, 1, -1, 0, nameof(Status.InvalidField) },
        { Snapshots, 64, 0, -1, 0, nameof(Status.CommandSequenceError) },
        { Snapshots, 0, 0, 0x7123, 0, nameof(Status.InvalidField) },
        { Delta, 0, 0, 0, 0, nameof(Status.SnapshotNotFound) },
        { Delta, 0, 0, 2, 0, nameof(Status.SnapshotNotFound) },
        { Delta, 0, 1, 1, 0, nameof(Status.InvalidField) },
        { Delta, 64, 0, 1, 0, nameof(Status.CommandSequenceError) },
        { Delta, 0, 0, 1, 3, nameof(Status.InvalidField) },
    };

    [Theory]
    [MemberData(nameof(BadReads))]
    public void What_cannot_be_read_is_refused_precisely(byte page, ulong offset, byte lsp, int lsi, uint nsid, string status)
    {
        MakeSnapshot(1);
        ushort specific = lsi < 0 ? _pair.From : (ushort)lsi;
        Status found = _pair.Source.TryGetLog(page, new byte[64], offset, lsp, specific, nsid);
        Assert.Equal(Statuses.Named(status).WithDoNotRetry(), found);
    }

    [Theory]
    [InlineData(Checksums, 0, 1u)]
    [InlineData(Snapshots, 0, uint.MaxValue)]
    [InlineData(Delta, 1, uint.MaxValue)]
    public void Beyond_the_end_there_is_nothing_and_a_page_says_where_that_is(byte page, ushort lsi, uint nsid)
    {
        MakeSnapshot(1);
        ushort specific = lsi == 0 ? _pair.From : lsi;
        Assert.Equal(Status.Success, _pair.Source.TryGetLog(page, new byte[64], lsi: specific, nsid: nsid));
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), _pair.Source.TryGetLog(page, new byte[64], 1 << 20, lsi: specific, nsid: nsid));
    }

    [Theory]
    [InlineData(Checksums)]
    [InlineData(Snapshots)]
    [InlineData(Delta)]
    public void A_VM_reads_none_of_it_where_there_are_managers_and_the_pages_are_announced(byte page)
    {
        MakeSnapshot(1);
        var vm = new VendorClient(_pair.Vm);
        ushort lsi = (ushort)(page == Delta ? 1 : 0);
        Assert.Equal(Status.OperationDenied.WithDoNotRetry(), vm.TryGetLog(page, new byte[64], lsi: lsi, nsid: 1));
        Assert.Equal(1u, U32(_pair.Source.GetLog(0x00, 1024), 4 * page) & 1);
    }

    private void MakeSnapshot(uint nsid) => Assert.Equal(
        Status.Success, _pair.Source.Controller.Admin.Execute(new SubmissionEntry { Opcode = 0xC4, Nsid = nsid }).Status);

    private byte[] Nguid(uint nsid)
    {
        byte[] identify = new byte[4096];
        Assert.True(_pair.Vm.Admin.Execute(HostCommands.Identify(IdentifyCns.Namespace, nsid), identify).IsSuccess);
        return identify[104..120];
    }

    private static (int Id, int Flags, uint Nsid, ulong Blocks, uint BlockBytes, ulong Held) Entry(byte[] list, int at) =>
        (U16(list, at), U16(list, at + 2), U32(list, at + 4), U64(list, at + 16), U32(list, at + 24), U64(list, at + 32));

    /// <summary>First block, blocks, namespace, flags.</summary>
    private static List<(int Start, int Blocks, int Nsid, int Flags)> Ranges(byte[] list) =>
        [.. Enumerable.Range(0, (int)U64(list, 24)).Select(i => 64 + (32 * i)).Select(at =>
            ((int)U64(list, at), (int)U64(list, at + 8), (int)U32(list, at + 16), (int)U32(list, at + 20)))];

    private static void AssertZero(byte[] page, params Range[] parts)
    {
        foreach (Range part in parts)
            Assert.False(page.AsSpan(part).ContainsAnyExcept((byte)0), $"bytes {part} are not zero");
    }
}
