using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// I/O commands of the NVM command set. Guards come in one order: namespace, access, fields, range, data length; then
/// the command acts, in full, before the call returns.
/// </summary>
public sealed partial class Controller
{
    /// <summary>
    /// What may be set in dword 12. PRINFO and STC say how protection information is checked, which no namespace has:
    /// they are taken and mean nothing. Command extensions are not supported.
    /// </summary>
    private const uint FieldsOfDword12 = NvmCommandFields.Nlb
        | NvmCommandFields.Stc
        | NvmCommandFields.Prinfo
        | NvmCommandFields.Fua
        | NvmCommandFields.Lr;

    /// <summary>Bits 22:20 of Write Zeroes; bit 23 is another field there.</summary>
    private const uint DtypeOfWriteZeroes = NvmCommandFields.Dtype & ~NvmCommandFields.Nsz;

    protected override CommandOutcome ExecuteIo(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data)
    {
        _drive.Reach(now);
        _drive.Hosts.Count(now, data.Length);
        CommandOutcome outcome = _drive.LimitsWrites
            ? ExecuteUnderLimit(now, queue, entry, data)
            : ExecuteNow(now, queue, entry, data);
        CountTime(now, outcome);
        return outcome;
    }

    private void CountTime(SimTime now, in CommandOutcome outcome)
    {
        if (outcome.Kind == OutcomeKind.Completed)
            Vm.Counts.Nanoseconds += (ulong)(outcome.Due - now).Nanoseconds;
    }

    private CommandOutcome ExecuteNow(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data) => _drive.HasSchemes
        ? ExecuteUnderScheme(now, queue, entry, data)
        : ExecuteHere(now, entry, data);

    private CommandOutcome ExecuteHere(SimTime now, in SubmissionEntry entry, Span<byte> data) =>
        (IoOpcode)entry.Opcode switch
        {
            IoOpcode.Read => Read(now, entry, data),
            IoOpcode.Write => Write(now, entry, data),
            IoOpcode.Flush => Flush(now, entry),
            IoOpcode.WriteZeroes => WriteZeroes(now, entry),
            IoOpcode.DatasetManagement => DatasetManagement(now, entry, data),
            IoOpcode.Compare => Compare(now, entry, data),
            IoOpcode.Verify => Verify(now, entry),
            IoOpcode.WriteUncorrectable => WriteUncorrectable(now, entry),
            IoOpcode.Copy => Copy(now, entry, data),
            IoOpcode.ReservationRegister => RegisterReservation(now, entry, data),
            IoOpcode.ReservationAcquire => AcquireReservation(now, entry, data),
            IoOpcode.ReservationRelease => ReleaseReservation(now, entry, data),
            IoOpcode.ReservationReport => ReportReservation(now, entry, data),
            IoOpcode.WriteStoredPages => WriteStoredPages(now, entry, data),
            _ => Failed(now, Status.InvalidOpcode),
        };

    /// <summary>Read (NVM 1.1, 3.3.4).</summary>
    private CommandOutcome Read(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = OpenForTransfer(entry, IoAccess.Read, data.Length, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (ns.IsUncorrectable(range))
            return Unrecovered(now);

        int length = (int)(range.Count << ns.BlockShift);
        SimTime begin = _drive.Link?.FromHost(now, 0) ?? now;
        MediumResult result = ReadBlocks(begin, ns, range, data[..length], IsForced(entry));
        if (!result.IsSuccess)
            return Failed(result);
        data[length..].Clear();
        CountRead((uint)length);
        return CommandOutcome.Success(_drive.Link is { } link ? link.End(link.ToHost(result.Done, length)) : result.Done);
    }

    /// <summary>Write (NVM 1.1, 3.3.6).</summary>
    private CommandOutcome Write(SimTime now, in SubmissionEntry entry, Span<byte> data)
    {
        Status status = OpenForTransfer(entry, IoAccess.Write, data.Length, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);

        status = SelectStream(ns, entry, out WriteStream stream, out VmCaching writer);
        if (!status.IsSuccess)
            return Failed(now, status);

        int length = (int)(range.Count << ns.BlockShift);
        SimTime begin = _drive.Link?.FromHost(now, length) ?? now;
        MediumResult result = ns.Write(begin, range, data[..length], writer.Vm, WriteHints(entry, writer), stream);
        result = Persisted(begin, entry, result);
        CountWrite(writer.Vm, length);
        return Ended(_drive.EndOnLink(result));
    }

    /// <summary>
    /// Flush (NVM 1.1, 3.3 and Base 2.1, 7.2): one namespace, or with FFFFFFFFh all that are attached, and with them the
    /// whole cache.
    /// </summary>
    private CommandOutcome Flush(SimTime now, in SubmissionEntry entry)
    {
        if (entry.Nsid != BroadcastNsid)
        {
            Status status = Open(entry.Nsid, IoAccess.Write, out Namespace flushed);
            return status.IsSuccess ? Ended(flushed.BeginFlush(now)) : Failed(now, status);
        }

        foreach (Namespace ns in ActiveNamespaces)
        {
            Status status = Open(ns.Nsid, IoAccess.Write, out _);
            if (!status.IsSuccess)
                return Failed(now, status);
        }

        return Ended(_drive.Pages.BeginFlush(now));
    }

    /// <summary>Write Zeroes (NVM 1.1, 3.3.8). Blocks are deallocated whether DEAC asks for it or not: they read as zeroes.</summary>
    private CommandOutcome WriteZeroes(SimTime now, in SubmissionEntry entry)
    {
        const uint known = FieldsOfDword12 | NvmCommandFields.Deac | DtypeOfWriteZeroes;
        Status status = OpenRange(entry, IoAccess.Write, known, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        status = SelectWriter(entry, out VmCaching writer);
        if (!status.IsSuccess)
            return Failed(now, status);
        MediumResult result = Persisted(
            now, entry, ns.Deallocate(now, range, writer.Vm, WriteHints(entry, writer)));
        CountWrite(writer.Vm, 0);
        return Ended(result);
    }

    /// <summary>Verify (NVM 1.1, 3.3.5): reads without a transfer.</summary>
    private CommandOutcome Verify(SimTime now, in SubmissionEntry entry)
    {
        Status status = OpenRange(entry, IoAccess.Read, FieldsOfDword12, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (ns.IsUncorrectable(range))
            return Unrecovered(now);
        MediumResult result = IsForced(entry) ? ns.Commit(now, range) : MediumResult.Success(now);
        CountRead(range.Count << ns.BlockShift);
        return Ended(result);
    }

    /// <summary>Write Uncorrectable (NVM 1.1, 3.3.7).</summary>
    private CommandOutcome WriteUncorrectable(SimTime now, in SubmissionEntry entry)
    {
        const uint known = NvmCommandFields.Nlb | NvmCommandFields.Dtype;
        Status status = OpenRange(entry, IoAccess.Write, known, out Namespace ns, out BlockRange range);
        if (!status.IsSuccess)
            return Failed(now, status);
        status = SelectWriter(entry, out VmCaching writer);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (!_drive.HasRoomForMarks)
            return Failed(now, Status.WriteFault);
        ns.MarkUncorrectable(range, writer.Vm);
        return CommandOutcome.Success(now);
    }

    /// <summary>
    /// The first guards of every command about one namespace: it exists, is attached here, is open to this VM and not
    /// reserved against it.
    /// </summary>
    private Status Open(uint nsid, IoAccess access, out Namespace ns)
    {
        Status status = OpenUnreserved(nsid, out ns);
        if (!status.IsSuccess)
            return status;
        return ns.Reservations.Permits(Host.HostId, access) || Fills(ns) ? Status.Success : Status.ReservationConflict;
    }

    /// <summary>
    /// Whether a VM of this host's is about to arrive in a namespace: what the VM has reserved where it comes from does not
    /// keep its manager from filling it.
    /// </summary>
    private bool Fills(Namespace ns) => _drive.Controllers.Slots.Any(slot =>
        slot.Vm.IsDestination && ns.IsAttachedTo(slot.Id) && Manages(slot.Vm));

    /// <summary><see cref="Open"/> for commands that no reservation stands against.</summary>
    private Status OpenUnreserved(uint nsid, out Namespace ns)
    {
        ns = _drive.Namespaces.Find(nsid)!;
        if (ns == null || !ns.IsAttachedTo(Id))
            return NamespaceProblem(nsid);
        Status status = Vm.Admit();
        return status.IsSuccess && _drive.IsSanitizing ? Status.SanitizeInProgress : status;
    }

    /// <summary><see cref="Open"/>, and decodes the range in dwords 10 to 12.</summary>
    /// <param name="knownFields">Bits of dword 12 that may be set.</param>
    private Status OpenRange(
        in SubmissionEntry entry, IoAccess access, uint knownFields, out Namespace ns, out BlockRange range)
    {
        range = new BlockRange(entry.Cdw10And11, (entry.Cdw12 & ushort.MaxValue) + 1UL);
        Status status = Open(entry.Nsid, access, out ns);
        if (!status.IsSuccess)
            return status;
        if ((entry.Cdw12 & ~knownFields) != 0)
            return Status.InvalidField;
        return ns.Contains(range.Start, range.Count) ? Status.Success : Status.LbaOutOfRange;
    }

    /// <summary>
    /// <see cref="OpenRange"/>, and checks the data: no longer than MDTS, and no shorter than the range. It may be longer
    /// (SGLS bit 18): what is beyond the range is ignored when written and zero when read.
    /// </summary>
    private Status OpenForTransfer(
        in SubmissionEntry entry, IoAccess access, int dataLength, out Namespace ns, out BlockRange range)
    {
        uint known = access == IoAccess.Write ? FieldsOfDword12 | NvmCommandFields.Dtype : FieldsOfDword12;
        Status status = OpenRange(entry, access, known, out ns, out range);
        if (!status.IsSuccess)
            return status;
        ulong length = range.Count << ns.BlockShift;
        if (length > (uint)MaxTransferBytes)
            return Status.InvalidField;
        return length <= (uint)dataLength ? Status.Success : Status.DataSglLengthInvalid;
    }

    /// <summary>A command of the VM read so many bytes; which of those that share the controller it was nobody knows.</summary>
    private void CountRead(ulong bytes)
    {
        _drive.Health.ReadCommands++;
        _drive.Health.BytesRead += bytes;
        Vm.Counts.ReadCommands++;
        Vm.Counts.BytesRead += bytes;
    }

    /// <summary>A command of a VM that wrote so many bytes with data.</summary>
    private void CountWrite(VmMonitor writer, int bytes)
    {
        _drive.Health.WriteCommands++;
        _drive.Health.BytesWritten += (uint)bytes;
        writer.Counts.WriteCommands++;
        writer.Counts.BytesWritten += (uint)bytes;
    }

    private CommandOutcome Unrecovered(SimTime now) => Failed(new MediumResult(now, MediumStatus.Uncorrectable));

    private CommandOutcome Ended(MediumResult result) =>
        result.IsSuccess ? CommandOutcome.Success(result.Done).After(result.Sync) : Failed(result);

    private CommandOutcome Failed(MediumResult result)
    {
        if (result.Status == MediumStatus.NoRoom)
            return Failed(result.Done, Status.CapacityExceeded);
        _drive.Health.MediaErrors++;
        if (result.Status == MediumStatus.WriteFault)
            _drive.ReportWarnings();
        return Failed(
            result.Done, result.Status == MediumStatus.WriteFault ? Status.WriteFault : Status.UnrecoveredReadError);
    }
}
