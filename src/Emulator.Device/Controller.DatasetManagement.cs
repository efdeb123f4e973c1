using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Dataset Management (NVM 1.1, 3.3.3): Deallocate acts; the hints for reads and writes are taken and not used.</summary>
public sealed partial class Controller
{
    private const uint DeallocateAttribute = 1u << 2;

    private CommandOutcome DatasetManagement(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = OpenRanges(entry, data, out Namespace ns, out ReadOnlySpan<DsmRange> ranges);
        if (!status.IsSuccess)
            return Failed(now, status);
        MediumResult result = MediumResult.Success(now);
        if ((entry.Cdw11 & DeallocateAttribute) == 0)
            return Ended(result);
        foreach (ref readonly DsmRange range in ranges)
        {
            if (range.Llb != 0)
                result = result.And(ns.Deallocate(now, new BlockRange(range.Slba, range.Llb), Vm));
        }

        return Ended(_persistsWrites ? result.And(_drive.Pages.BeginPersist(now)) : result);
    }

    private Status OpenRanges(in SubmissionEntry entry, Span<byte> data, out Namespace ns, out ReadOnlySpan<DsmRange> ranges)
    {
        const uint knownAttributes = 7;
        ranges = default;
        Status status = Open(entry.Nsid, IoAccess.Write, out ns);
        if (!status.IsSuccess)
            return status;
        if ((entry.Cdw10 & ~0xFFu) != 0 || (entry.Cdw11 & ~knownAttributes) != 0)
            return Status.InvalidField;

        int count = (int)(entry.Cdw10 & 0xFF) + 1;
        if (data.Length < count * DsmRange.Size)
            return Status.DataSglLengthInvalid;
        ranges = MemoryMarshal.Cast<byte, DsmRange>(data[..(count * DsmRange.Size)]);
        foreach (ref readonly DsmRange range in ranges)
        {
            if (range.Llb != 0 && !ns.Contains(range.Slba, range.Llb))
                return Status.LbaOutOfRange;
        }

        return Status.Success;
    }
}
