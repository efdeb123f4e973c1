using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Feature D1h of the vendor command set: a manager sends a storage state, in chunks that this controller collects. It is
/// checked and applied when the last one is there, all of it or nothing.
/// </summary>
public sealed partial class Controller
{
    private StateUpload? _upload;

    /// <summary>Set Features D1h.</summary>
    private CommandOutcome SetVmStorageState(SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> chunk)
    {
        Status status = FindTarget((ushort)(entry.Cdw11 >> 16), out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (entry.Cdw13 != 0 || entry.Cdw15 != 0 || chunk.IsEmpty || chunk.Length % sizeof(uint) != 0)
            return Failed(now, Status.InvalidField);
        if (!target.Vm.IsDestination)
            return Failed(now, Status.MigrationNotActive);

        var flags = (VmStorageStateFlags)(entry.Cdw11 & ushort.MaxValue);
        status = Collect(target, (flags & VmStorageStateFlags.First) != 0, entry.Cdw12, chunk);
        if (!status.IsSuccess || (flags & VmStorageStateFlags.Last) == 0)
            return Ended(now, status);
        ReadOnlyMemory<byte> bytes = _upload!.Take();
        _upload = null;
        return ApplyState(now, target, flags, bytes);
    }

    private Status Collect(VmTarget target, bool isFirst, uint offset, ReadOnlySpan<byte> chunk)
    {
        if (isFirst)
            _upload = new StateUpload(target);
        if (_upload?.Target != target)
            return Status.CommandSequenceError;
        if (offset * (ulong)sizeof(uint) != (uint)_upload.Length)
            return Status.InvalidField;
        if (_upload.TryAppend(chunk))
            return Status.Success;
        _upload = null;
        return Status.LimitReached;
    }

    private CommandOutcome ApplyState(SimTime now, VmTarget target, VmStorageStateFlags flags, ReadOnlyMemory<byte> bytes)
    {
        if (StateContainer.Read(bytes, out _) is not { } container)
            return Failed(now, Status.StorageStateInvalid);
        if (container.IsDelta != ((flags & VmStorageStateFlags.Delta) != 0))
            return Failed(now, Status.InvalidField);
        StateImage? whole = container.IsDelta ? target.Vm.Received : StateImage.Of(container);
        if (container.IsDelta && whole?.IsBaseOf(container) != true)
            return Failed(now, Status.StorageStateIncompatible);

        StateImage image = container.IsDelta ? whole!.With(container) : whole!;
        var restore = new StateRestore(_drive, target, image);
        Status status = restore.Problem();
        if (!status.IsSuccess || (flags & VmStorageStateFlags.ValidateOnly) != 0)
            return Ended(now, status);
        restore.Apply(now);
        target.Vm.StateWasApplied(whole!, image, (flags & VmStorageStateFlags.WarmCache) != 0);
        _drive.Schedule();
        return Ended(_drive.KeepMetadata(now));
    }

    private void ForgetUpload() => _upload = null;
}
