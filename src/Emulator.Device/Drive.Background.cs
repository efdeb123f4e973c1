using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>What work in the background needs of the drive, and what the drive remembers of its own life.</summary>
public sealed partial class Drive
{
    /// <summary>Leaves nothing on the medium that no logical page maps to.</summary>
    internal void EraseStalePages(SimTime now) => _pages.EraseStale(now);

    /// <summary>Every host hears of the end of a sanitize operation (Base 2.1, 5.1.2.1).</summary>
    internal void SanitizeEnded(SimTime now, SanitizeState state, in SanitizeStatus status)
    {
        Events.Record(now, 0, PersistentEventType.SanitizeCompletion, new SanitizeCompletionEvent
        {
            Sprog = status.Sprog,
            Sstat = status.Sstat,
        });
        AsyncIoCommandSetEvent ended = state == SanitizeState.Completed
            ? AsyncIoCommandSetEvent.SanitizeOperationCompleted
            : AsyncIoCommandSetEvent.SanitizeOperationCompletedWithUnexpectedDeallocation;
        foreach (Controller controller in _controllers.Connected)
        {
            controller.Raise(new AsyncEventResult(
                AsyncEventType.IoCommandSetSpecific, (byte)ended, LogPageId.SanitizeStatus));
        }
    }

    /// <summary>The first event is that of power-on; no controller is there yet that it could describe.</summary>
    private void RecordPowerOn()
    {
        var record = default(PowerOnOrResetEvent);
        TextField.WritePadded(record.Frev, FirmwareRevision);
        Events.Record(SimTime.Zero, 0, PersistentEventType.PowerOnOrReset, record);
    }
}
