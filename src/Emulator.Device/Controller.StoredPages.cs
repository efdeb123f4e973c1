using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Read Stored Pages, opcode C6h of the vendor command set (specs/vendor-commands.md): pages of a VM for its manager, as
/// the medium has them or decoded, now or in a snapshot.
/// </summary>
public sealed partial class Controller
{
    private CommandOutcome ReadStoredPages(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = FindTarget((ushort)(entry.Cdw13 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (_drive.Namespaces.Find(entry.Nsid) is not { } ns || !_drive.NamespacesOf(target.Vm).Contains(ns))
            return Failed(now, NamespaceProblem(entry.Nsid));
        if ((entry.Cdw13 & ushort.MaxValue & ~VendorCommandSet.DecodedPages) != 0 || entry.Cdw12 == 0
            || (entry.Cdw14 & ~VendorCommandSet.StoredPagesSnapshot) != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);
        Snapshot? snapshot = _drive.Snapshots.Find((ushort)entry.Cdw14);
        if (entry.Cdw14 != 0 && snapshot?.Nsid != ns.Nsid)
            return Failed(now, Status.SnapshotNotFound);

        var pages = new PageSource(ns, snapshot);
        ulong first = entry.Cdw10And11;
        if (first >= pages.Count || entry.Cdw12 > pages.Count - first)
            return Failed(now, Status.LbaOutOfRange);
        if (data.Length < VendorCommandSet.LeastStoredPagesBytes)
            return Failed(now, Status.DataSglLengthInvalid);

        bool decoded = (entry.Cdw13 & VendorCommandSet.DecodedPages) != 0;
        MediumResult ready = decoded || snapshot != null ? MediumResult.Success(now) : ns.Flush(now);
        return ready.IsSuccess
            ? FillWithPages(ready.Done, pages, first, first + entry.Cdw12, decoded, data)
            : Failed(ready);
    }

    /// <summary>As many pages as there is room for; dword 0 tells how many.</summary>
    private static CommandOutcome FillWithPages(
        SimTime now, in PageSource pages, ulong first, ulong end, bool decoded, Span<byte> data)
    {
        SimTime done = now;
        int most = StoredPageHeader.Size + FlashGeometry.PageBytes + pages.ParityBytes;
        ulong page = first;
        while (page < end && data.Length >= StoredPageHeader.Size)
        {
            ulong deallocated = pages.DeallocatedPages(page, end);
            if (deallocated == 0 && data.Length < most)
                break;
            int used = deallocated != 0
                ? WriteDeallocated(page, deallocated, data)
                : WritePage(now, pages, page, decoded, data, ref done);
            used = Math.Min(data.Length, (used + StoredPageHeader.Alignment - 1) & -StoredPageHeader.Alignment);
            data = data[used..];
            page += Math.Max(deallocated, 1);
        }

        data.Clear();
        return CommandOutcome.Success(done, (uint)(page - first));
    }

    private static int WriteDeallocated(ulong page, ulong count, Span<byte> data)
    {
        WireStruct.Write(data, new StoredPageHeader
        {
            Page = page,
            Pages = (uint)count,
            Flags = (ushort)StoredPageFlags.Deallocated,
        });
        return StoredPageHeader.Size;
    }

    /// <summary>Writes a header and what follows it, with zeroes up to where the next header can be.</summary>
    private static int WritePage(
        SimTime now, in PageSource pages, ulong page, bool decoded, Span<byte> data, ref SimTime done)
    {
        var header = new StoredPageHeader { Page = page, Pages = 1 };
        StoredForm form = StoredForm.Plain;
        Span<byte> rest = data[StoredPageHeader.Size..];
        Span<byte> bytes = rest[..FlashGeometry.PageBytes];
        Span<byte> parity = rest.Slice(bytes.Length, pages.ParityBytes);
        MediumResult result = pages.IsMarked(page) ? new MediumResult(now, MediumStatus.Uncorrectable)
            : decoded ? pages.Read(now, page, bytes)
            : pages.ReadStored(now, page, bytes, parity, out form);
        done = SimTime.Max(done, result.Done);

        int length = 0, parityLength = 0;
        if (result.IsSuccess)
        {
            length = form.Length;
            parityLength = form.HasEcc ? parity.Length : 0;
            parity[..parityLength].CopyTo(rest[length..]);
            header.Form = form.Value;
            header.Length = (uint)length;
            header.ParityLength = (uint)parityLength;
            header.Crc = Crc32C.Compute(rest[..(length + parityLength)]);
            if (form.IsEncrypted && pages.Codec != null)
                BinaryPrimitives.WriteUInt128LittleEndian(header.KeyIdentifier, pages.Codec.KeyIdentifier);
        }
        else
        {
            header.Flags = (ushort)StoredPageFlags.Unreadable;
        }

        WireStruct.Write(data, header);
        int used = StoredPageHeader.Size + length + parityLength;
        data[used..(StoredPageHeader.Size + bytes.Length + parity.Length)].Clear();
        return used;
    }
}
