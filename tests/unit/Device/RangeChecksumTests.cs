using System.Security.Cryptography;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Log page D5h of the vendor command set.</summary>
public sealed class RangeChecksumTests : IDisposable
{
    private const int Header = RangeListHeader.Size;
    private const int Digest = 32;

    private readonly TestHost _host;
    private readonly Drive _drive;

    public RangeChecksumTests()
    {
        _host = TestHost.ConnectToNewDrive(out _drive, TestHost.SmallDrive with
        {
            Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }, new NamespaceOptions { SizeBytes = 3 << 20, BlockBytes = 512 }],
        });
    }

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Each_range_has_the_SHA_256_of_what_hosts_read_and_zeroes_where_nothing_is_allocated()
    {
        _host.Fill(0, 1);
        _host.Fill(300, 2);

        byte[] page = _host.GetLog(LogPageId.RangeChecksums, Header + (9 * Digest), nsid: 1, specific: 8);

        RangeListHeader header = WireStruct.Read<RangeListHeader>(page);
        Assert.Equal((1, 8ul, 2048ul, 4096u, 32u), (header.Version.Value, header.Ranges.Value, header.Blocks.Value, header.Granule.Value, header.EntrySize.Value));
        Assert.Equal(HashOf(0, 1), page[Header..(Header + Digest)]);
        Assert.Equal(HashOf(300 - 256, 2), page[(Header + Digest)..(Header + (2 * Digest))]);
        Assert.Equal(new byte[7 * Digest], page[(Header + (2 * Digest))..]);
    }

    /// <summary>Rows: granules of a range as a power of two, and the pieces in which the page is read.</summary>
    [Theory]
    [InlineData(0, 4096)]
    [InlineData(3, 100)]
    [InlineData(8, 20)]
    [InlineData(14, 64)]
    public void A_page_that_is_read_in_pieces_is_as_in_one(byte shift, int piece)
    {
        for (uint block = 0; block < 2048; block += 7)
            _host.Fill(block, (byte)block);
        int length = Header + (Math.Max(1, 2048 >> shift) * Digest);
        byte[] whole = _host.GetLog(LogPageId.RangeChecksums, length, nsid: 1, specific: shift);

        var pieces = new List<byte>();
        for (int offset = 0; offset < length; offset += piece)
        {
            byte[] part = _host.GetLog(
                LogPageId.RangeChecksums, Math.Min(piece, length - offset), (ulong)offset, nsid: 1, specific: shift);
            pieces.AddRange(part);
        }

        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void What_cannot_be_read_has_a_checksum_of_ones()
    {
        _host.Fill(0, 1);
        TestHost.AssertStatus(Status.Success, _host.Io(IoOpcode.WriteUncorrectable, cdw10: 0));

        byte[] page = _host.GetLog(LogPageId.RangeChecksums, Header + Digest, nsid: 1, specific: 8);

        Assert.All(page[Header..], value => Assert.Equal(0xFF, value));
    }

    [Fact]
    public void A_namespace_of_small_blocks_has_the_same_checksums_for_the_same_bytes()
    {
        _host.Fill(0, 5);
        TestHost.AssertStatus(Status.Success, _host.Transfer(IoOpcode.Write, 0, 8, SnapshotHost.Page(5), nsid: 2));

        byte[] one = _host.GetLog(LogPageId.RangeChecksums, Header + Digest, nsid: 1);
        byte[] two = _host.GetLog(LogPageId.RangeChecksums, Header + Digest, nsid: 2);

        Assert.Equal(one[Header..], two[Header..]);
    }

    [Fact]
    public void Requests_are_refused_with_their_statuses()
    {
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _));
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, nsid: 0));
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, nsid: 9));
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, nsid: 1, specific: 15));
        TestHost.AssertStatus(Status.OperationDenied, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, nsid: 1, specificIdentifier: 99));
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, 64, nsid: 1));
        _host.GetLog(LogPageId.RangeChecksums, 64, nsid: 1);
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, 64, nsid: 2));
        TestHost.AssertStatus(
            Status.CommandSequenceError, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, 64, nsid: 1, specific: 1));
        ulong end = Header + (2048 * Digest);
        Assert.Equal(new byte[64], _host.GetLog(LogPageId.RangeChecksums, 64, end, nsid: 1));
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(LogPageId.RangeChecksums, 64, out _, end + 4, nsid: 1));
    }

    private static byte[] HashOf(int block, byte value)
    {
        byte[] range = new byte[256 * 4096];
        range.AsSpan(block * 4096, 4096).Fill(value);
        return SHA256.HashData(range);
    }
}
