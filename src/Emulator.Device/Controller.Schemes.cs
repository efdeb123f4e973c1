using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// I/O commands to namespaces that a scheme moves (specs/schemes.md). The guards are those of the commands as ever; then
/// they become requests to the scheme, and complete when those have.
/// </summary>
public sealed partial class Controller
{
    private CommandOutcome ExecuteUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data)
    {
        var opcode = (IoOpcode)entry.Opcode;
        if (opcode == IoOpcode.Flush && entry.Nsid == BroadcastNsid)
            return FlushAllUnderScheme(now, queue, entry);
        if (FindFront(entry.Nsid) is not { } front)
            return ExecuteHere(now, entry, data);
        if (front.IsClosed && Touches(opcode))
            return ExecuteWhileClosed(now, entry, data, front);
        return opcode switch
        {
            IoOpcode.Read => ReadUnderScheme(now, queue, entry, data, front),
            IoOpcode.Write => WriteUnderScheme(now, queue, entry, data, front),
            IoOpcode.Flush => FlushUnderScheme(now, queue, entry, front),
            IoOpcode.WriteZeroes => WriteZeroesUnderScheme(now, queue, entry, front),
            IoOpcode.DatasetManagement => DeallocateUnderScheme(now, queue, entry, data, front),
            IoOpcode.Compare => CompareUnderScheme(now, queue, entry, data, front),
            IoOpcode.Verify => VerifyUnderScheme(now, queue, entry, front),
            IoOpcode.Copy => CopyUnderScheme(now, queue, entry, data, front),
            IoOpcode.WriteUncorrectable or IoOpcode.WriteStoredPages => Failed(now, Status.CommandInterrupted),
            _ => ExecuteHere(now, entry, data),
        };
    }

    /// <summary>The front of a namespace that this controller has; null for one that needs none.</summary>
    private NamespaceFront? FindFront(uint nsid) =>
        _drive.Namespaces.Find(nsid) is { Front: { IsOpen: false } front } ns && ns.IsAttachedTo(Id) ? front : null;

    /// <summary>Whether a command is about what blocks hold.</summary>
    private static bool Touches(IoOpcode opcode) => opcode
        is not (IoOpcode.ReservationRegister or IoOpcode.ReservationAcquire or IoOpcode.ReservationRelease or IoOpcode.ReservationReport);

    /// <summary>
    /// The VM is paused, and the last of it on its way or there. Nothing may change any more; what the source holds may be
    /// read by whoever else has the namespace, if it is what the VM would read.
    /// </summary>
    private CommandOutcome ExecuteWhileClosed(SimTime now, in SubmissionEntry entry, Span<byte> data, NamespaceFront front)
    {
        bool onlyReads = (IoOpcode)entry.Opcode is IoOpcode.Read or IoOpcode.Compare or IoOpcode.Verify or IoOpcode.Flush;
        return onlyReads && !front.IsBehind ? ExecuteHere(now, entry, data) : Failed(now, Status.AsymmetricAccessInaccessible);
    }

    private CommandOutcome ReadUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data, NamespaceFront front)
    {
        Status status = OpenForTransfer(entry, IoAccess.Read, data.Length, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        return BeginRead(now, queue, entry, SchemeCommandKind.Read, ns, range, front, out _);
    }

    private CommandOutcome VerifyUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, NamespaceFront front)
    {
        Status status = OpenRange(entry, IoAccess.Read, FieldsOfDword12, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        return BeginRead(now, queue, entry, SchemeCommandKind.Verify, ns, range, front, out _);
    }

    private CommandOutcome CompareUnderScheme(
        SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data, NamespaceFront front)
    {
        Status status = OpenForTransfer(entry, IoAccess.Read, data.Length, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        SchemeCommand command = TakeCompare(queue, entry, data, ns, range, front);
        if (IsUnreadable(front, range))
            return Discarded(command, Unrecovered(now));
        _drive.SchemeCommands.Begin(now, command);
        return CommandOutcome.Pending;
    }

    /// <summary>What is compared with lies behind what is read.</summary>
    private SchemeCommand TakeCompare(
        QueuePair queue, in SubmissionEntry entry, Span<byte> data, Namespace ns, BlockRange range, NamespaceFront front)
    {
        int length = (int)(range.Count << ns.BlockShift);
        SchemeCommand command = _drive.SchemeCommands.Take(this, queue, entry, SchemeCommandKind.Compare, front, 2 * length);
        command.Ranges.Add(range);
        command.Writer = _slot.Caching;
        command.IsForced = IsForced(entry);
        data[..length].CopyTo(command.Data.Span[length..]);
        return command;
    }

    private CommandOutcome BeginRead(
        SimTime now, QueuePair queue, in SubmissionEntry entry, SchemeCommandKind kind, Namespace ns, BlockRange range,
        NamespaceFront front, out SchemeCommand? command)
    {
        command = null;
        if (IsUnreadable(front, range))
            return Unrecovered(now);
        command = _drive.SchemeCommands.Take(this, queue, entry, kind, front, (int)(range.Count << ns.BlockShift));
        command.Ranges.Add(range);
        command.Writer = _slot.Caching;
        command.IsForced = IsForced(entry);
        _drive.SchemeCommands.Begin(now, command);
        return CommandOutcome.Pending;
    }

    private static bool IsUnreadable(NamespaceFront front, BlockRange range) =>
        front.Unreadable.Any((long)range.Start, (long)range.Count);

    private CommandOutcome WriteUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data, NamespaceFront front)
    {
        Status status = TakeWrite(queue, entry, data, front, out SchemeCommand? command);
        if (!status.IsSuccess)
            return Failed(now, status);
        _drive.SchemeCommands.Begin(now, command!);
        return CommandOutcome.Pending;
    }

    private Status TakeWrite(QueuePair queue, in SubmissionEntry entry, Span<byte> data, NamespaceFront front, out SchemeCommand? command)
    {
        command = null;
        Status status = OpenForTransfer(entry, IoAccess.Write, data.Length, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return status;
        status = SelectStream(ns, entry, out WriteStream stream, out VmCaching writer);
        if (!status.IsSuccess)
            return status;
        int length = (int)(range.Count << ns.BlockShift);
        command = _drive.SchemeCommands.Take(this, queue, entry, SchemeCommandKind.Write, front, length);
        command.Ranges.Add(range);
        data[..length].CopyTo(command.Data.Span);
        (command.Stream, command.Writer, command.IsForced) = (stream, writer, _persistsWrites || IsForced(entry));
        return Status.Success;
    }

    private CommandOutcome WriteZeroesUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, NamespaceFront front)
    {
        const uint known = FieldsOfDword12 | NvmCommandFields.Deac | DtypeOfWriteZeroes;
        Status status = OpenRange(entry, IoAccess.Write, known, out _, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        status = SelectWriter(entry, out VmCaching writer);
        if (!status.IsSuccess)
            return Failed(now, status);
        SchemeCommand command = _drive.SchemeCommands.Take(this, queue, entry, SchemeCommandKind.Zero, front, 0);
        command.Ranges.Add(range);
        (command.Writer, command.IsForced) = (writer, _persistsWrites || IsForced(entry));
        _drive.SchemeCommands.Begin(now, command);
        return CommandOutcome.Pending;
    }

    private CommandOutcome DeallocateUnderScheme(
        SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data, NamespaceFront front)
    {
        Status status = OpenRanges(entry, data, out _, out ReadOnlySpan<DsmRange> ranges);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((entry.Cdw11 & DeallocateAttribute) == 0)
            return CommandOutcome.Success(now);
        SchemeCommand command = _drive.SchemeCommands.Take(this, queue, entry, SchemeCommandKind.Zero, front, 0);
        foreach (ref readonly DsmRange range in ranges)
        {
            if (range.Llb != 0)
                command.Ranges.Add(new BlockRange(range.Slba, range.Llb));
        }

        (command.Writer, command.IsForced) = (_slot.Caching, _persistsWrites);
        if (command.IsThrough)
            return Discarded(command, CommandOutcome.Success(now));
        _drive.SchemeCommands.Begin(now, command);
        return CommandOutcome.Pending;
    }

    private CommandOutcome CopyUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data, NamespaceFront front)
    {
        Status status = OpenCopy(entry, data, out Namespace ns, out BlockRange destination);
        if (!status.IsSuccess)
            return Failed(now, status);
        status = SelectStream(ns, entry, out WriteStream stream, out VmCaching writer);
        if (!status.IsSuccess)
            return Failed(now, status);
        SchemeCommand command = _drive.SchemeCommands.Take(
            this, queue, entry, SchemeCommandKind.Copy, front, (int)(destination.Count << ns.BlockShift));
        foreach (ref readonly CopyDescriptor source in CopySources(entry, data))
        {
            var range = new BlockRange(source.Slba, source.Nlb + 1u);
            if (IsUnreadable(front, range))
                return Discarded(command, Unrecovered(now));
            command.Ranges.Add(range);
        }

        (command.Target, command.Stream, command.Writer, command.IsForced) =
            (destination, stream, writer, _persistsWrites || IsForced(entry));
        _drive.SchemeCommands.Begin(now, command);
        return CommandOutcome.Pending;
    }

    private CommandOutcome FlushUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry, NamespaceFront front)
    {
        Status status = Open(entry.Nsid, IoAccess.Write, out _);
        if (!status.IsSuccess)
            return Failed(now, status);
        _drive.SchemeCommands.Begin(now, TakeFlush(queue, entry, SchemeCommandKind.Flush, front));
        return CommandOutcome.Pending;
    }

    /// <summary>Those under a scheme one by one, and with the last of them everything else.</summary>
    private CommandOutcome FlushAllUnderScheme(SimTime now, QueuePair queue, in SubmissionEntry entry)
    {
        SchemeCommand command = TakeFlush(queue, entry, SchemeCommandKind.FlushAll, null);
        foreach (Namespace ns in ActiveNamespaces)
        {
            Status status = Open(ns.Nsid, IoAccess.Write, out _);
            if (!status.IsSuccess)
                return Discarded(command, Failed(now, status));
            if (FindFront(ns.Nsid) is not { } front)
                continue;
            if (front.IsClosed)
                return Discarded(command, Failed(now, Status.AsymmetricAccessInaccessible));
            command.Fronts.Add(front);
        }

        if (command.Fronts.Count == 0)
            return Discarded(command, ExecuteHere(now, entry, default));
        _drive.SchemeCommands.Begin(now, command);
        return CommandOutcome.Pending;
    }

    private SchemeCommand TakeFlush(QueuePair queue, in SubmissionEntry entry, SchemeCommandKind kind, NamespaceFront? front)
    {
        SchemeCommand command = _drive.SchemeCommands.Take(this, queue, entry, kind, front, 0);
        command.Writer = _slot.Caching;
        return command;
    }

    /// <summary>It came to nothing before it began.</summary>
    private CommandOutcome Discarded(SchemeCommand command, in CommandOutcome outcome)
    {
        _drive.SchemeCommands.Discard(command);
        return outcome;
    }

    /// <returns>False if the namespace needs no front.</returns>
    private bool TryFusedUnderScheme(
        SimTime now, QueuePair queue, in SubmissionEntry first, Span<byte> firstData, in SubmissionEntry second,
        Span<byte> secondData, out CommandOutcome firstOutcome, out CommandOutcome secondOutcome)
    {
        firstOutcome = secondOutcome = CommandOutcome.Pending;
        if (FindFront(first.Nsid) is not { } front)
            return false;
        _drive.Hosts.Count(now, firstData.Length + secondData.Length);
        Status status = OpenForTransfer(first, IoAccess.Read, firstData.Length, out Namespace ns, out BlockRange range);
        if (status.IsSuccess && front.IsClosed)
            status = Status.AsymmetricAccessInaccessible;
        if (!status.IsSuccess || IsUnreadable(front, range))
        {
            firstOutcome = status.IsSuccess ? Unrecovered(now) : Failed(now, status);
            secondOutcome = Failed(now, Status.AbortedFailedFused);
            return true;
        }

        status = TakeWrite(queue, second, secondData, front, out SchemeCommand? write);
        if (!status.IsSuccess)
        {
            firstOutcome = Failed(now, Status.AbortedFailedFused);
            secondOutcome = Failed(now, status);
            return true;
        }

        _drive.SchemeCommands.BeginFused(now, TakeCompare(queue, first, firstData, ns, range, front), write!);
        return true;
    }

    /// <summary>What became of a command whose requests are over.</summary>
    internal CommandOutcome EndUnderScheme(SimTime now, SchemeCommand command, bool isSuccess)
    {
        bool reads = !command.Changes && command.Kind is not (SchemeCommandKind.Flush or SchemeCommandKind.FlushAll);
        if (!isSuccess)
        {
            MediumStatus failure = command.Failure != MediumStatus.Success ? command.Failure
                : reads ? MediumStatus.Uncorrectable
                : MediumStatus.WriteFault;
            return Failed(new MediumResult(now, failure));
        }

        int length = command.Data.Length;
        switch (command.Kind)
        {
            case SchemeCommandKind.Compare:
                ReadOnlySpan<byte> both = command.Data.Span;
                if (!both[..(length / 2)].SequenceEqual(both[(length / 2)..]))
                    return Failed(now, Status.CompareFailure);
                CountRead((uint)length / 2);
                break;
            case SchemeCommandKind.Read or SchemeCommandKind.Verify:
                CountRead((uint)length);
                break;
            case SchemeCommandKind.Write or SchemeCommandKind.Copy:
                CountWrite(command.Writer.Vm, length);
                break;
            case SchemeCommandKind.Zero when (IoOpcode)command.Entry.Opcode == IoOpcode.WriteZeroes:
                CountWrite(command.Writer.Vm, 0);
                break;
            case SchemeCommandKind.FlushAll:
                return Ended(_drive.Pages.BeginFlush(now));
        }

        return CommandOutcome.Success(now);
    }

    /// <summary>Posts the completion of a command, unless its host is gone.</summary>
    internal void CompleteUnderScheme(SimTime now, SchemeCommand command, in CommandOutcome outcome)
    {
        QueuePair queue = command.Queue;
        if (!Has(queue))
            return;
        SubmissionEntry entry = command.Entry;
        if (!outcome.Status.IsSuccess)
            OnFailed(now, queue, entry, outcome.Status);
        if (outcome.IsSuccess && command.Kind == SchemeCommandKind.Read)
        {
            Span<byte> buffer = queue.Endpoint.DataOf(entry.Cid);
            int length = Math.Min(buffer.Length, command.Data.Length);
            command.Data.Span[..length].CopyTo(buffer);
            buffer[length..].Clear();
        }

        if (outcome.Sync.IsNone)
            queue.Endpoint.Complete(entry.Cid, outcome);
        else
            UntilDurable(queue, entry, outcome);
    }
}
