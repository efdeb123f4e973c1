using System.Security.Cryptography;

namespace Emulator.Host.Snapshots;

/// <summary>
/// The checksums of a namespace: SHA-256 of every range of 1 MiB, the last of which ends with the namespace. Where pages cannot
/// be read, it is that of a bit for each page of the range, and of the range with zeroes for these pages.
/// </summary>
internal sealed class RangeDigests
{
    public const int DigestBytes = SHA256.HashSizeInBytes;
    public const int RangeShift = 20;
    public const int RangeBytes = 1 << RangeShift;
    public const int PagesOfRange = RangeBytes / PageBytes;
    public const int PageBytes = 4096;

    private readonly byte[] _table;
    private readonly ulong _bytes;
    private readonly byte[] _zeroes;
    private readonly byte[] _lastZeroes;

    /// <param name="bytes">Of the namespace.</param>
    public RangeDigests(ulong bytes)
        : this(bytes, new byte[RangesOf(bytes) * DigestBytes])
    {
    }

    /// <param name="table">The checksums.</param>
    public RangeDigests(ulong bytes, byte[] table)
    {
        _bytes = bytes;
        _table = table;
        byte[] range = new byte[RangeBytes];
        _zeroes = SHA256.HashData(range);
        _lastZeroes = SHA256.HashData(range.AsSpan(0, BytesOf(Ranges - 1)));
    }

    public int Ranges => _table.Length / DigestBytes;

    /// <summary>Pages of the namespace.</summary>
    public ulong Pages => (_bytes + PageBytes - 1) / PageBytes;

    public ReadOnlySpan<byte> Table => _table;

    /// <summary>One checksum for all that the namespace holds.</summary>
    public byte[] Contents => SHA256.HashData(_table);

    public ReadOnlySpan<byte> this[int range] => _table.AsSpan(range * DigestBytes, DigestBytes);

    public static long RangesOf(ulong bytes) => (long)((bytes + RangeBytes - 1) >> RangeShift);

    /// <summary>Bytes of a range: less than <see cref="RangeBytes"/> only at the end.</summary>
    public int BytesOf(int range) => (int)Math.Min(RangeBytes, _bytes - ((ulong)range << RangeShift));

    /// <summary>Sets the checksum of a range from its bytes.</summary>
    /// <param name="unreadable">A bit for each page.</param>
    public void Compute(int range, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> unreadable)
    {
        bytes = bytes[..BytesOf(range)];
        if (unreadable.ContainsAnyExcept((byte)0))
            SHA256.HashData([.. unreadable, .. bytes], Entry(range));
        else
            SHA256.HashData(bytes, Entry(range));
    }

    /// <summary>Sets the checksum of a range that reads as zeroes.</summary>
    public void SetZero(int range) => (range == Ranges - 1 ? _lastZeroes : _zeroes).CopyTo(Entry(range));

    /// <summary>Takes over a checksum from log page D5h, where a range that holds nothing has zeroes.</summary>
    /// <returns>False for all ones: some of the range cannot be read, and it has to be looked at.</returns>
    public bool TrySet(int range, ReadOnlySpan<byte> digest)
    {
        if (!digest.ContainsAnyExcept((byte)0xFF))
            return false;
        if (digest.ContainsAnyExcept((byte)0))
            digest.CopyTo(Entry(range));
        else
            SetZero(range);
        return true;
    }

    /// <summary>The first range that is not the same in another; -1 if all are.</summary>
    public int FirstDifference(RangeDigests other)
    {
        int alike = Table.CommonPrefixLength(other.Table);
        return alike == _table.Length ? -1 : alike / DigestBytes;
    }

    public RangeDigests Copy() => new(_bytes, [.. _table]);

    private Span<byte> Entry(int range) => _table.AsSpan(range * DigestBytes, DigestBytes);
}
