using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>Pages of a snapshot, read, and of the namespace, written.</summary>
internal sealed partial class SnapshotClient
{
    private const int PageBytes = RangeDigests.PageBytes;
    private const int ReadBytes = 64 * 1024;

    /// <summary>What the number of blocks of a command can say.</summary>
    private const ulong MostBlocks = 1 << 16;

    private readonly byte[] _read = new byte[ReadBytes];

    /// <summary>Pages of a snapshot that follow one another and are alike.</summary>
    /// <param name="Data">The bytes of the page, of which there is one then.</param>
    public readonly record struct PageRun(ulong Page, uint Pages, ImageRecordKind Kind, ReadOnlyMemory<byte> Data);

    /// <summary>Reads pages of a snapshot as hosts did (Read Stored Pages, decoded). Data is there until the next run.</summary>
    /// <param name="id">0 for the namespace as it is.</param>
    /// <exception cref="SnapshotImageException">What came has another checksum than it says.</exception>
    public IEnumerable<PageRun> ReadPages(ushort id, ulong first, ulong end)
    {
        while (first < end)
        {
            uint count = (uint)Math.Min(end - first, uint.MaxValue);
            uint came = _host.Succeed("Read Stored Pages", ReadCommand(id, first, count), _read).Dw0;
            if (came == 0 || came > count)
                throw new SnapshotImageException($"the drive told of {came} pages from page {first} on");
            ulong next = first + came;
            for (int offset = 0; first < next;)
            {
                PageRun run = RunAt(ref offset, first);
                if (run.Pages == 0 || run.Pages > next - first)
                    throw new SnapshotImageException($"the drive told of other pages than page {first}");
                yield return run;
                first += run.Pages;
            }
        }
    }

    /// <summary>Makes pages what a record says, as far as the namespace goes.</summary>
    /// <exception cref="HostCommandException">The drive refused.</exception>
    public void Write(in ImageRecord record, Span<byte> data, ulong blocks, uint blockBytes)
    {
        uint perPage = PageBytes / blockBytes;
        ulong block = record.Page * perPage;
        ulong end = Math.Min(blocks, (record.Page + record.Pages) * perPage);
        bool isData = record.Kind == (uint)ImageRecordKind.Data;
        ulong most = isData ? (ulong)MostWriteBytes / blockBytes : MostBlocks;
        while (block < end)
        {
            int count = (int)Math.Min(most, end - block);
            int bytes = isData ? count * (int)blockBytes : 0;
            HostCompletion completion = _host.IoQueues[0].Execute(CommandFor((ImageRecordKind)record.Kind.Value, block, count), data[..bytes]);
            if (!completion.IsSuccess)
                throw new HostCommandException($"writing block {block}", completion);
            data = data[bytes..];
            block += (uint)count;
        }
    }

    /// <summary>Makes what was written durable.</summary>
    public void Flush()
    {
        HostCompletion completion = _host.IoQueues[0].Execute(HostCommands.Flush(_target.Nsid));
        if (!completion.IsSuccess)
            throw new HostCommandException("Flush", completion);
    }

    private int MostWriteBytes
    {
        get
        {
            int mdts = _host.Identity.Mdts;
            return mdts is 0 or > 10 ? _host.Options.IoBufferBytes : Math.Min(_host.Options.IoBufferBytes, PageBytes << mdts);
        }
    }

    private SubmissionEntry CommandFor(ImageRecordKind kind, ulong block, int count)
    {
        switch (kind)
        {
            case ImageRecordKind.Data:
                return HostCommands.Write(_target.Nsid, block, count);
            case ImageRecordKind.Unreadable:
                return HostCommands.Io(IoOpcode.WriteUncorrectable, _target.Nsid, block, count);
            default:
                SubmissionEntry zeroes = HostCommands.Io(IoOpcode.WriteZeroes, _target.Nsid, block, count);
                zeroes.Cdw12 |= NvmCommandFields.Deac;
                return zeroes;
        }
    }

    private SubmissionEntry ReadCommand(ushort id, ulong first, uint count) => new()
    {
        Opcode = (byte)AdminOpcode.ReadStoredPages,
        Nsid = _target.Nsid,
        Cdw10 = (uint)first,
        Cdw11 = (uint)(first >> 32),
        Cdw12 = count,
        Cdw13 = ((uint)_target.Vm << 16) | VendorCommandSet.DecodedPages,
        Cdw14 = id,
    };

    private PageRun RunAt(ref int offset, ulong page)
    {
        if (offset > _read.Length - StoredPageHeader.Size)
            return default;
        StoredPageHeader header = WireStruct.Read<StoredPageHeader>(_read.AsSpan(offset, StoredPageHeader.Size));
        offset += StoredPageHeader.Size;
        if (header.Page != page || header.Pages == 0)
            return default;
        var flags = (StoredPageFlags)(ushort)header.Flags;
        if (flags.HasFlag(StoredPageFlags.Deallocated))
            return new PageRun(page, header.Pages, ImageRecordKind.Zero, default);
        if (flags.HasFlag(StoredPageFlags.Unreadable))
            return new PageRun(page, 1, ImageRecordKind.Unreadable, default);
        if (header.Length != PageBytes || header.ParityLength != 0 || offset > _read.Length - PageBytes)
            return default;
        ReadOnlyMemory<byte> data = _read.AsMemory(offset, PageBytes);
        if (Crc32C.Compute(data.Span) != header.Crc)
            throw new SnapshotImageException($"page {page} came with another checksum than it says");
        offset += PageBytes;
        bool isZero = !data.Span.ContainsAnyExcept((byte)0);
        return new PageRun(page, 1, isZero ? ImageRecordKind.Zero : ImageRecordKind.Data, data);
    }
}
