using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Write Stored Pages, I/O opcode C9h of the vendor command set (specs/vendor-commands.md): pages as another drive has
/// stored them, into a namespace that a VM is moving to. All of them are checked before the first is written.
/// </summary>
public sealed partial class Controller
{
    private CommandOutcome WriteStoredPages(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        Status status = Open(entry.Nsid, IoAccess.Write, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (!Fills(ns))
            return Failed(now, Status.MigrationNotActive);
        if (entry.Cdw12 == 0 || entry.Cdw12 > ushort.MaxValue || entry.Cdw13 != 0 || entry.Cdw14 != 0 || entry.Cdw15 != 0
            || data.Length > MaxTransferBytes || !IsStoredFormKnown(ns))
            return Failed(now, Status.InvalidField);
        ulong first = entry.Cdw10And11;
        if (first >= ns.PageCount || entry.Cdw12 > ns.PageCount - first)
            return Failed(now, Status.LbaOutOfRange);
        status = CheckStoredPages(ns, first, first + entry.Cdw12, data);
        return status.IsSuccess ? TakeStoredPages(now, entry, ns, data) : Failed(now, status);
    }

    private static bool IsStoredFormKnown(Namespace ns) => ns.FormSupport.Signature != 0;

    private static Status CheckStoredPages(Namespace ns, ulong first, ulong end, ReadOnlySpan<byte> data)
    {
        for (ulong page = first; page < end;)
        {
            if (!StoredPages.TryTake(ref data, out StoredPageHeader header, out ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> parity)
                || header.Page != page || header.Pages == 0 || header.Pages > end - page
                || ((ReadOnlySpan<byte>)header.Reserved28).ContainsAnyExcept((byte)0)
                || ((ReadOnlySpan<byte>)header.Reserved48).ContainsAnyExcept((byte)0))
                return Status.StorageStateInvalid;
            Status status = CheckStoredPage(ns, header, stored.Length, parity.Length);
            if (!status.IsSuccess)
                return status;
            page += header.Pages;
        }

        return Status.Success;
    }

    private static Status CheckStoredPage(Namespace ns, in StoredPageHeader header, int length, int parityLength)
    {
        var form = new StoredForm(header.Form);
        if (header.Flags == (ushort)StoredPageFlags.Deallocated)
            return length == 0 && parityLength == 0 && form.Value == 0 ? Status.Success : Status.StorageStateInvalid;
        if (header.Flags != 0 || header.Pages != 1 || form.Length != length)
            return Status.StorageStateInvalid;
        UInt128 key = BinaryPrimitives.ReadUInt128LittleEndian(header.KeyIdentifier);
        bool isOurs = ns.IsOfNow(form)
            && (form.HasEcc ? parityLength >= ns.ParityBytesNow && parityLength <= ns.ParityBytes : parityLength == 0)
            && key == (form.IsEncrypted ? ns.Transform!.Codec.KeyIdentifier : 0);
        return isOurs ? Status.Success : Status.StorageStateIncompatible;
    }

    private CommandOutcome TakeStoredPages(SimTime now, in SubmissionEntry entry, Namespace ns, ReadOnlySpan<byte> data)
    {
        BlockRange blocks = ns.BlocksOf(entry.Cdw10And11, entry.Cdw12);
        if (!ns.HasRoomFor(now, blocks))
            return Failed(now, Status.CapacityExceeded);
        var write = new SubmissionEntry { Nsid = entry.Nsid, Cdw10And11 = blocks.Start };
        Status status = SelectStream(ns, write, out WriteStream stream, out VmCaching writer);
        if (!status.IsSuccess)
            return Failed(now, status);

        SimTime begin = _drive.Link?.FromHost(now, data.Length) ?? now;
        MediumResult result = MediumResult.Success(begin);
        for (ulong left = entry.Cdw12; left > 0 && result.IsSuccess;)
        {
            Check.That(StoredPages.TryTake(ref data, out StoredPageHeader header, out ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> parity));
            result = result.And(header.Flags != 0
                ? ns.Deallocate(begin, ns.BlocksOf(header.Page, header.Pages), writer.Vm)
                : ns.WriteStoredPage(begin, header.Page, stored, parity, new StoredForm(header.Form), stream, writer.Vm));
            left -= header.Pages;
        }

        result = Persisted(begin, write, result);
        CountWrite(writer.Vm, (int)(blocks.Count << ns.BlockShift));
        return Ended(_drive.EndOnLink(result));
    }
}
