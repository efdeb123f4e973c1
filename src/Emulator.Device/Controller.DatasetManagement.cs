using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Dataset Management (NVM 1.1, 3.3.3): Deallocate acts; the hints for reads and writes are taken and not used.</summary>
public sealed partial class Controller
{
    private CommandOutcome DatasetManagement(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint deallocate = 1u << 2;
        const uint knownAttributes = 7;
        Status status = Open(entry.Nsid, IoAccess.Write, out Namespace ns);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((entry.Cdw10 & ~0xFFu) != 0 || (entry.Cdw11 & ~knownAttributes) != 0)
            return Failed(now, Status.InvalidField);

        int count = (int)(entry.Cdw10 & 0xFF) + 1;
        if (data.Length < count * DsmRange.Size)
            return Failed(now, Status.DataSglLengthInvalid);
        ReadOnlySpan<DsmRange> ranges = MemoryMarshal.Cast<byte, DsmRange>(data[..(count * DsmRange.Size)]);
        foreach (ref readonly DsmRange range in ranges)
        {
            if (range.Llb != 0 && !ns.Contains(range.Slba, range.Llb))
                return Failed(now, Status.LbaOutOfRange);
        }

        MediumResult result = MediumResult.Success(now);
        if ((entry.Cdw11 & deallocate) == 0)
            return Ended(result);
        foreach (ref readonly DsmRange range in ranges)
        {
            if (range.Llb != 0)
                result = result.And(ns.Deallocate(now, new BlockRange(range.Slba, range.Llb), Vm));
        }

        return Ended(_persistsWrites ? result.And(_drive.Pages.BeginPersist(now)) : result);
    }
}
