using System.Security.Cryptography;
using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Device;

/// <summary>
/// SHA-256 of ranges of a namespace, as log page D5h of the vendor command set has them. One range is computed in one call
/// and so is of one moment.
/// </summary>
public sealed class RangeChecksums : IDisposable
{
    public const int DigestBytes = SHA256.HashSizeInBytes;

    private const int StagedPages = 16;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _staging = GC.AllocateArray<byte>(StagedPages * FlashGeometry.PageBytes, pinned: true);

    /// <summary>Computes the checksum of pages, those beyond the end of the namespace left out.</summary>
    /// <param name="digest">
    /// 32 bytes: zero if no page holds data, all ones if some of them cannot be read.
    /// </param>
    /// <returns>When the last of the pages was read.</returns>
    internal SimTime Compute(SimTime now, Namespace ns, ulong firstPage, ulong pages, Span<byte> digest)
    {
        digest.Clear();
        ulong end = Math.Min(firstPage + pages, ns.PageCount);
        if (firstPage >= end || ns.DeallocatedPages(firstPage, end) == end - firstPage)
            return now;

        SimTime done = now;
        bool isReadable = ns.IsReadable(firstPage, end);
        while (isReadable && firstPage < end)
        {
            int staged = (int)Math.Min(StagedPages, end - firstPage);
            BlockRange blocks = ns.BlocksOf(firstPage, (ulong)staged);
            Span<byte> data = _staging.AsSpan(0, (int)(blocks.Count << ns.BlockShift));
            MediumResult read = ns.Read(now, blocks, data, new CacheHints(0, CacheHint.Release));
            done = SimTime.Max(done, read.Done);
            isReadable = read.IsSuccess;
            _hash.AppendData(data);
            firstPage += (uint)staged;
        }

        Check.That(_hash.GetHashAndReset(digest) == DigestBytes);
        if (!isReadable)
            digest.Fill(byte.MaxValue);
        return done;
    }

    public void Dispose() => _hash.Dispose();
}
