using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Pages in stored form as Write Stored Pages carries them: each with a header, as Read Stored Pages has them.</summary>
internal static class StoredPages
{
    private const int PageShift = 12;

    /// <summary>
    /// Packs pages from a block on, as many as there is room for, up to one that cannot be read or is marked.
    /// </summary>
    /// <param name="startLba">First block of a page.</param>
    public static StoredRead Pack(SimTime now, Namespace ns, ulong startLba, uint blockCount, Span<byte> destination)
    {
        ulong first = startLba << ns.BlockShift >> PageShift;
        ulong end = ((((startLba + blockCount) << ns.BlockShift) - 1) >> PageShift) + 1;
        int most = StoredPageHeader.Size + FlashGeometry.PageBytes + ns.ParityBytes;
        SimTime done = now;
        int length = 0;
        ulong page = first;
        while (page < end && destination.Length - length >= most)
        {
            ulong deallocated = ns.DeallocatedPages(page, end);
            int used = deallocated != 0
                ? PackDeallocated(page, deallocated, destination[length..])
                : PackPage(now, ns, page, destination[length..], ref done);
            if (used == 0)
                break;
            length += used;
            page += Math.Max(deallocated, 1);
        }

        ulong blocks = page == first ? 0 : ns.BlocksOf(first, page - first).Count;
        return new StoredRead(done, (uint)Math.Min(blocks, blockCount), length);
    }

    /// <summary>Takes the next page, or run of deallocated ones.</summary>
    /// <param name="data">What is left, from then on what is left behind it.</param>
    /// <returns>False if that is none.</returns>
    public static bool TryTake(
        ref ReadOnlySpan<byte> data, out StoredPageHeader header, out ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> parity)
    {
        stored = parity = default;
        header = default;
        if (data.Length < StoredPageHeader.Size)
            return false;
        header = WireStruct.Read<StoredPageHeader>(data[..StoredPageHeader.Size]);
        ReadOnlySpan<byte> rest = data[StoredPageHeader.Size..];
        if (header.Length > FlashGeometry.PageBytes || header.ParityLength > FlashGeometry.PageBytes
            || header.Length + header.ParityLength > (uint)rest.Length)
            return false;
        int stop = (int)(header.Length + header.ParityLength);
        stored = rest[..(int)header.Length.Value];
        parity = rest[stored.Length..stop];
        bool isIntact = stop == 0 ? header.Crc == 0 : header.Crc == Crc32C.Compute(rest[..stop]);
        data = rest[Math.Min(rest.Length, Aligned(stop))..];
        return isIntact;
    }

    private static int PackDeallocated(ulong page, ulong count, Span<byte> data)
    {
        WireStruct.Write(data, new StoredPageHeader
        {
            Page = page,
            Pages = (uint)count,
            Flags = (ushort)StoredPageFlags.Deallocated,
        });
        return StoredPageHeader.Size;
    }

    /// <returns>Bytes with the zeroes up to where the next header can be; 0 for a page that cannot be read.</returns>
    private static int PackPage(SimTime now, Namespace ns, ulong page, Span<byte> data, ref SimTime done)
    {
        if (ns.IsMarked(page))
            return 0;
        Span<byte> rest = data[StoredPageHeader.Size..];
        Span<byte> parity = rest.Slice(FlashGeometry.PageBytes, ns.ParityBytes);
        MediumResult read = ns.ReadEncoded(now, page, rest[..FlashGeometry.PageBytes], parity, out StoredForm form);
        done = SimTime.Max(done, read.Done);
        if (!read.IsSuccess)
            return 0;

        int parityLength = form.HasEcc ? ns.ParityBytesNow : 0;
        parity[..parityLength].CopyTo(rest[form.Length..]);
        int length = form.Length + parityLength;
        var header = new StoredPageHeader
        {
            Page = page,
            Pages = 1,
            Form = form.Value,
            Length = (uint)form.Length,
            ParityLength = (uint)parityLength,
            Crc = Crc32C.Compute(rest[..length]),
        };
        if (form.IsEncrypted)
            BinaryPrimitives.WriteUInt128LittleEndian(header.KeyIdentifier, ns.Transform!.Codec.KeyIdentifier);
        WireStruct.Write(data, header);
        int used = Aligned(StoredPageHeader.Size + length);
        data[(StoredPageHeader.Size + length)..used].Clear();
        return used;
    }

    private static int Aligned(int length) => (length + StoredPageHeader.Alignment - 1) & -StoredPageHeader.Alignment;
}
