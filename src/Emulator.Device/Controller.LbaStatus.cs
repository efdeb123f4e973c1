using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Get LBA Status (NVM 1.1, 4.2.1) for allocated blocks, action type 02h, which CNS 06h announces. Blocks that may be
/// lost are not reported: the drive knows of none but those that a host marked.
/// </summary>
public sealed partial class Controller
{
    /// <summary>Descriptor status: the blocks are allocated.</summary>
    private const byte AllocatedBlocks = 2;

    private CommandOutcome GetLbaStatus(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        const uint reserved = 0x00FF_0000;
        if (FindActive(entry.Nsid) is not { } ns)
            return Failed(now, NamespaceProblem(entry.Nsid));
        if ((LbaStatusAction)(entry.Cdw13 >> 24) != LbaStatusAction.AllocatedBlocks || (entry.Cdw13 & reserved) != 0)
            return Failed(now, Status.InvalidField);

        ulong start = entry.Cdw10And11;
        ulong count = entry.Cdw13 & ushort.MaxValue;
        if (!ns.Contains(start, Math.Max(count, 1)))
            return Failed(now, Status.LbaOutOfRange);
        ulong length = (entry.Cdw12 + 1UL) * sizeof(uint);
        if (length < LbaStatusHeader.Size)
            return Failed(now, Status.InvalidField);
        if (length > (uint)data.Length)
            return Failed(now, Status.DataSglLengthInvalid);

        data.Clear();
        WriteAllocated(ns, start, count == 0 ? ns.BlockCount : start + count, data[..(int)length]);
        return CommandOutcome.Success(now);
    }

    private static void WriteAllocated(Namespace ns, ulong start, ulong end, Span<byte> data)
    {
        const ulong mostBlocks = 1UL << 32;
        ref LbaStatusHeader header = ref WireStruct.As<LbaStatusHeader>(data[..LbaStatusHeader.Size]);
        Span<byte> rest = data[LbaStatusHeader.Size..];
        while (ns.TryNextAllocated(start, end, out BlockRange found))
        {
            if (rest.Length < LbaStatusDescriptor.Size)
            {
                header.Cmpc = LbaStatusCompletion.Incomplete;
                return;
            }

            ulong blocks = Math.Min(found.Count, mostBlocks);
            WireStruct.As<LbaStatusDescriptor>(rest[..LbaStatusDescriptor.Size]) = new LbaStatusDescriptor
            {
                Dslba = found.Start,
                Nlb = (uint)(blocks - 1),
                Stas = AllocatedBlocks,
            };
            header.Nlsd = header.Nlsd + 1;
            rest = rest[LbaStatusDescriptor.Size..];
            start = found.Start + blocks;
        }

        header.Cmpc = LbaStatusCompletion.Complete;
    }
}
