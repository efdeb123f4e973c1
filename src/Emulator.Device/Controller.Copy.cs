using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Copy (NVM 1.1, 3.3.2) with source range descriptors of format 0h. All sources are read before the destination is
/// written, so that they may overlap.
/// </summary>
public sealed partial class Controller
{
    /// <summary>MSRC, zero-based: source ranges of a Copy.</summary>
    public const byte CopySourceRangeCountZeroBased = 127;

    /// <summary>MSSRL: logical blocks of a source range.</summary>
    public const ushort CopySourceRangeBlocks = 1024;

    /// <summary>MCL: logical blocks of a Copy.</summary>
    public const uint CopyBlocks = 1024;

    private CommandOutcome Copy(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = OpenCopy(entry, data, out Namespace ns, out BlockRange destination);
        if (!status.IsSuccess)
            return Failed(now, status);
        status = SelectStream(ns, entry, out WriteStream stream, out VmCaching writer);
        return status.IsSuccess
            ? CopyBlocksOf(now, ns, CopySources(entry, data), destination, stream, writer, entry)
            : Failed(now, status);
    }

    private static ReadOnlySpan<CopyDescriptor> CopySources(in SubmissionEntry entry, Span<byte> data) =>
        MemoryMarshal.Cast<byte, CopyDescriptor>(data[..(((int)(entry.Cdw12 & 0xFF) + 1) * CopyDescriptor.Size)]);

    private Status OpenCopy(in SubmissionEntry entry, Span<byte> data, out Namespace ns, out BlockRange destination)
    {
        const uint known = 0xC000_FFFF | NvmCommandFields.Dtype;
        destination = default;
        Status status = Open(entry.Nsid, IoAccess.Write, out ns);
        if (status.IsSuccess)
            status = Open(entry.Nsid, IoAccess.Read, out _);
        if (!status.IsSuccess)
            return status;
        if ((entry.Cdw12 & ~known) != 0 || (entry.Cdw12 >> 8 & 0xF) != 0)
            return Status.InvalidField;

        int count = (int)(entry.Cdw12 & 0xFF) + 1;
        if (count > CopySourceRangeCountZeroBased + 1)
            return Status.CommandSizeLimitExceeded;
        if (data.Length < count * CopyDescriptor.Size)
            return Status.DataSglLengthInvalid;
        status = CheckCopySources(ns, CopySources(entry, data), out uint blocks);
        if (!status.IsSuccess)
            return status;
        destination = new BlockRange(entry.Cdw10And11, blocks);
        return ns.Contains(destination.Start, destination.Count) ? Status.Success : Status.LbaOutOfRange;
    }

    private static Status CheckCopySources(Namespace ns, ReadOnlySpan<CopyDescriptor> sources, out uint blocks)
    {
        blocks = 0;
        foreach (ref readonly CopyDescriptor source in sources)
        {
            uint count = source.Nlb + 1u;
            if (count > CopySourceRangeBlocks)
                return Status.CommandSizeLimitExceeded;
            if (!ns.Contains(source.Slba, count))
                return Status.LbaOutOfRange;
            blocks += count;
        }

        return blocks > CopyBlocks ? Status.CommandSizeLimitExceeded : Status.Success;
    }

    /// <returns>With a failure, dword 0 tells the first source range that was not copied.</returns>
    private CommandOutcome CopyBlocksOf(
        SimTime now,
        Namespace ns,
        ReadOnlySpan<CopyDescriptor> sources,
        BlockRange destination,
        WriteStream stream,
        VmCaching writer,
        in SubmissionEntry entry)
    {
        SimTime due = now;
        Span<byte> staging = _drive.CopyStaging((int)(destination.Count << ns.BlockShift));
        int filled = 0;
        foreach (ref readonly CopyDescriptor source in sources)
        {
            var range = new BlockRange(source.Slba, source.Nlb + 1u);
            if (ns.IsUncorrectable(range))
                return Unrecovered(now);
            int length = (int)(range.Count << ns.BlockShift);
            MediumResult read = ns.Read(now, range, staging.Slice(filled, length));
            if (!read.IsSuccess)
                return Failed(read);
            due = SimTime.Max(due, read.Done);
            filled += length;
        }

        MediumResult written = ns.Write(due, destination, staging, writer.Vm, WriteHints(entry, writer), stream);
        written = Persisted(due, entry, written);
        CountWrite(writer.Vm, filled);
        return Ended(written);
    }
}
