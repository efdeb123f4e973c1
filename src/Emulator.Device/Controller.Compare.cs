using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Compare, alone and fused with a Write (NVM 1.1, 3.3.1; Base 2.1, 3.4.2).</summary>
public sealed partial class Controller
{
    private readonly byte[] _comparison = new byte[FlashGeometry.PageBytes];

    /// <summary>
    /// Executes two fused commands as one: nothing else is executed between them. The only fused operation there is is
    /// Compare and Write over the same blocks.
    /// </summary>
    public override void SubmitFused(
        SimTime now,
        QueuePair queue,
        in SubmissionEntry first,
        Span<byte> firstData,
        in SubmissionEntry second,
        Span<byte> secondData,
        out CommandOutcome firstOutcome,
        out CommandOutcome secondOutcome)
    {
        ReleaseEvents();
        _drive.Reach(now);
        if (!IsCompareAndWrite(queue, first, second))
        {
            firstOutcome = secondOutcome = Failed(now, Status.InvalidField);
            return;
        }

        if (_drive.HasSchemes && TryFusedUnderScheme(now, queue, first, firstData, second, secondData, out firstOutcome, out secondOutcome))
            return;
        firstOutcome = Compare(now, first, firstData);
        secondOutcome = firstOutcome.IsSuccess
            ? Write(now, second, secondData)
            : Failed(now, Status.AbortedFailedFused);
        if (firstOutcome.IsSuccess && !secondOutcome.IsSuccess)
            firstOutcome = Failed(now, Status.AbortedFailedFused);
        if (_drive.LimitsWrites)
            HoldFused(now, queue, first, second, ref firstOutcome, ref secondOutcome, (uint)secondData.Length);
        CountTime(now, firstOutcome);
        CountTime(now, secondOutcome);
        if (secondOutcome.Sync.IsNone)
            return;
        firstOutcome = UntilDurable(queue, first, firstOutcome.After(secondOutcome.Sync));
        secondOutcome = UntilDurable(queue, second, secondOutcome);
    }

    private bool IsCompareAndWrite(QueuePair queue, in SubmissionEntry first, in SubmissionEntry second) =>
        IsReady
        && !queue.IsAdmin
        && first.Opcode == (byte)IoOpcode.Compare
        && second.Opcode == (byte)IoOpcode.Write
        && first.Nsid == (uint)second.Nsid
        && first.Cdw10And11 == second.Cdw10And11
        && (ushort)first.Cdw12 == (ushort)second.Cdw12;

    private CommandOutcome Compare(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = OpenForTransfer(entry, IoAccess.Read, data.Length, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (ns.IsUncorrectable(range))
            return Unrecovered(now);

        SimTime due = now;
        ulong blocksAtATime = (ulong)_comparison.Length >> ns.BlockShift;
        for (ulong done = 0; done < range.Count; done += blocksAtATime)
        {
            var part = new BlockRange(range.Start + done, Math.Min(blocksAtATime, range.Count - done));
            Span<byte> stored = _comparison.AsSpan(0, (int)(part.Count << ns.BlockShift));
            MediumResult result = ReadBlocks(now, ns, part, stored, IsForced(entry));
            if (!result.IsSuccess)
                return Failed(result);
            due = SimTime.Max(due, result.Done);
            if (!stored.SequenceEqual(data.Slice((int)(done << ns.BlockShift), stored.Length)))
                return Failed(due, Status.CompareFailure);
        }

        CountRead(range.Count << ns.BlockShift);
        return CommandOutcome.Success(due);
    }
}
