using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Feature D3h of the vendor command set: a VM that changes its storage faster than it moves is held to a rate. Its writes are
/// carried out as they come and answered later, so that a host with so many outstanding begins the next no sooner. What there is
/// to answer needs no data, and when the VM is halted or let go nothing has to be carried out any more, or be refused.
/// </summary>
public sealed partial class Controller
{
    /// <summary>Set Features D3h. There is no data; what is transferred is ignored.</summary>
    private CommandOutcome SetVmWriteLimit(SimTime now, in SubmissionEntry entry)
    {
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        uint units = entry.Cdw12;
        uint milliseconds = entry.Cdw13;
        bool isLeasePossible = units == 0 ? milliseconds == 0 : milliseconds is > 0 and <= VendorCommandSet.LongestWriteLimit;
        if (!isLeasePossible || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);
        if (units == 0)
        {
            _drive.HeldWrites.LetGo(now, target.Vm);
            return CommandOutcome.Success(now);
        }

        if (!target.Vm.IsSource || target.Vm.IsHalted)
            return Failed(now, Status.MigrationNotActive);
        _drive.HeldWrites.Limit(
            now, target.Vm, (ulong)units * VendorCommandSet.WriteLimitUnit, SimDuration.FromMilliseconds(milliseconds));
        return CommandOutcome.Success(now);
    }

    /// <summary>Get Features D3h: dword 0 is what CDW12 was, 0 for a VM that is not held.</summary>
    private CommandOutcome GetVmWriteLimit(SimTime now, FeatureSelect select, in SubmissionEntry entry)
    {
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if ((ushort)entry.Cdw11 != 0 || entry.Cdw12 != 0 || entry.Cdw13 != 0 || entry.Cdw15 != 0)
            return Failed(now, Status.InvalidField);
        ulong units = target.Vm.WriteLimit.BytesPerSecond / VendorCommandSet.WriteLimitUnit;
        return CommandOutcome.Success(now, select == FeatureSelect.Current ? (uint)units : 0);
    }

    /// <summary>While some VM is held to a rate: executes a command, and holds its answer if it is a write of such a VM.</summary>
    private CommandOutcome ExecuteUnderLimit(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data)
    {
        VmMonitor writer = WriterOf(entry);
        ulong writtenBefore = writer.Counts.BytesWritten;
        CommandOutcome outcome = ExecuteNow(now, queue, entry, data);
        if (!IsToBeHeld((IoOpcode)entry.Opcode, outcome, writer))
            return outcome;
        SimTime due = Admit(now, outcome, writer, writer.Counts.BytesWritten - writtenBefore);
        return due > outcome.Due ? Held(now, queue, entry, outcome, writer, due) : outcome;
    }

    private static bool IsToBeHeld(IoOpcode opcode, in CommandOutcome outcome, VmMonitor writer) =>
        outcome.IsSuccess && writer.WriteLimit.IsSet
        && opcode is IoOpcode.Write or IoOpcode.WriteZeroes or IoOpcode.WriteUncorrectable or IoOpcode.DatasetManagement
            or IoOpcode.Copy or IoOpcode.WriteStoredPages;

    /// <summary>A command counts as its data, and at least as a granule: that is what it makes dirty.</summary>
    private static SimTime Admit(SimTime now, in CommandOutcome outcome, VmMonitor writer, ulong bytes) =>
        writer.WriteLimit.Admit(now, outcome.Due, Math.Max((uint)bytes, 1u << writer.GranuleShift));

    private CommandOutcome Held(
        SimTime now, QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome, VmMonitor writer, SimTime due)
    {
        Vm.Counts.Nanoseconds += (ulong)(outcome.Due - now).Nanoseconds;
        _drive.HeldWrites.Hold(writer, this, queue, entry, outcome, due);
        return CommandOutcome.Pending;
    }

    /// <summary>A fused pair is one write.</summary>
    private void HoldFused(
        SimTime now, QueuePair queue, in SubmissionEntry first, in SubmissionEntry second, ref CommandOutcome firstOutcome,
        ref CommandOutcome secondOutcome, uint bytes)
    {
        VmMonitor writer = WriterOf(second);
        if (!secondOutcome.IsSuccess || !writer.WriteLimit.IsSet)
            return;
        SimTime due = Admit(now, secondOutcome, writer, bytes);
        if (due <= secondOutcome.Due)
            return;
        firstOutcome = Held(now, queue, first, firstOutcome, writer, due);
        secondOutcome = Held(now, queue, second, secondOutcome, writer, due);
    }

    /// <summary>The VM whose write a command would be.</summary>
    private VmMonitor WriterOf(in SubmissionEntry entry) =>
        (IoOpcode)entry.Opcode != IoOpcode.DatasetManagement
        && FindWriter(entry, (ushort)(entry.Cdw13 >> NvmCommandFields.DspecShift)) is { } bound
            ? bound.Vm
            : Vm;

    /// <summary>Posts the completion of a command that was held, unless its host is gone.</summary>
    /// <param name="held">For how long.</param>
    internal void CompleteHeld(QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome, SimDuration held)
    {
        Vm.Counts.Nanoseconds += (ulong)held.Nanoseconds;
        if (!Has(queue))
            return;
        if (outcome.Sync.IsNone)
            queue.Endpoint.Complete(entry.Cid, outcome);
        else
            UntilDurable(queue, entry, outcome);
    }

    private protected override void OnAbort(SimTime now, QueuePair queue, ushort commandId)
    {
        if (_drive.LimitsWrites)
            _drive.HeldWrites.LetGo(now, queue, commandId);
    }
}
