using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Firmware Image Download and Firmware Commit (Base 2.1, 5.1.9 and 5.1.8).</summary>
public sealed partial class Controller
{
    /// <summary>FRMW: slot 1 is read only, the number of slots, activation without reset, overlap detection.</summary>
    private const byte FirmwareUpdates = 1 | FirmwareSlots.Count << 1 | 1 << 4 | 1 << 5;

    /// <summary>FWUG: pieces of any number of dwords at any offset.</summary>
    private const byte NoGranularity = 0xFF;

    private CommandOutcome DownloadFirmware(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        if (!MayAdminister)
            return Failed(now, Status.InvalidOpcode);
        ulong length = (entry.Cdw10 + 1UL) * 4;
        if (length > (uint)data.Length)
            return Failed(now, Status.DataSglLengthInvalid);

        uint overlap = _drive.Firmware.IsOverlappedBy(Id) ? 1u : 0;
        Status status = _drive.Firmware.Download(Id, entry.Cdw11 * 4UL, data[..(int)length]);
        return status.IsSuccess ? CommandOutcome.Success(now, overlap) : Failed(now, status);
    }

    private CommandOutcome CommitFirmware(SimTime now, in SubmissionEntry entry)
    {
        const uint reserved = 0xFFFF_FFC0;
        if (!MayAdminister)
            return Failed(now, Status.InvalidOpcode);
        int slot = (int)(entry.Cdw10 & 7);
        uint action = entry.Cdw10 >> 3 & 7;
        if ((entry.Cdw10 & reserved) != 0 || action > 3)
            return Failed(now, Status.InvalidField);
        if (slot > FirmwareSlots.Count)
            return Failed(now, Status.InvalidFirmwareSlot);

        FirmwareSlots firmware = _drive.Firmware;
        string before = firmware.ActiveRevision;
        uint overlap = firmware.IsOverlappedBy(Id) ? 1u : 0;
        slot = slot == 0 ? firmware.ChooseSlot() : slot;
        Status status = Commit(action, slot);
        RecordCommit(now, action, slot, before, status);
        return CommandOutcome.Completed(now, status.IsSuccess ? status : status.WithDoNotRetry(), overlap);
    }

    /// <summary>Actions: 0 store, 1 store and activate at reset, 2 activate at reset, 3 store if there is one and activate now.</summary>
    private Status Commit(uint action, int slot)
    {
        FirmwareSlots firmware = _drive.Firmware;
        Status status = action <= 1 || (action == 3 && firmware.HasDownload) ? firmware.Store(slot) : Status.Success;
        if (!status.IsSuccess || action == 0)
            return status;
        if (action != 3)
            return firmware.ActivateAtReset(slot);

        status = firmware.ActivateNow(slot);
        if (!status.IsSuccess)
            return status;
        foreach (Controller controller in _drive.ConnectedControllers)
        {
            controller.Raise(new AsyncEventResult(
                AsyncEventType.Notice, (byte)AsyncNotice.FirmwareActivationStarting, LogPageId.FirmwareSlotInformation));
        }

        return status;
    }

    private void RecordCommit(SimTime now, uint action, int slot, string before, Status status)
    {
        var record = new FirmwareCommitEvent
        {
            Fca = (byte)action,
            Fslt = (byte)slot,
            Stctfcc = (byte)status.StatusCodeType,
            Srfcc = status.StatusCode,
        };
        TextField.WritePadded(record.Ofr, before);
        TextField.WritePadded(record.Nfr, _drive.Firmware.RevisionOf(slot) ?? "");
        _drive.Events.Record(now, Id, PersistentEventType.FirmwareCommit, record);
    }
}
