using Emulator.Core;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>What work in the background needs of the drive, and what the drive remembers of its own life.</summary>
public sealed partial class Drive
{
    /// <summary>Pages that one program operation takes.</summary>
    internal int PagesPerProgram => _medium.Geometry.ProgramPages;

    internal int PagesPerSuperblock => _medium.Geometry.PagesPerSuperblock;

    /// <summary>A write failed: every host that wants to hear of warnings does, once.</summary>
    internal void ReportWarnings()
    {
        if (!IsReadOnly || _reportedReadOnly)
            return;
        _reportedReadOnly = true;
        foreach (Controller controller in _controllers.Connected)
            controller.RaiseCriticalWarnings();
    }

    private bool _reportedReadOnly;

    /// <summary>How worn the flash is, in erases of superblocks; null for a disk.</summary>
    public EraseDistribution? Wear() => _ftl?.Wear();

    /// <summary>AVSP: what is left of what may go bad, in percent.</summary>
    internal int AvailableSparePercent => _ftl?.AvailableSparePercent ?? 100;

    /// <summary>Every write fails: there is not enough good flash left.</summary>
    internal bool IsReadOnly => _ftl is { IsReadOnly: true };

    /// <summary>PUSED: erases on average, in percent of those that the flash is rated for; 0 without a profile to say.</summary>
    internal int PercentageUsed => Options.Profile?.Flash is { } flash && _ftl != null
        ? (int)Math.Min(_ftl.Wear(parts: 1).Mean * 100 / flash.Errors.RatedCycles, 255)
        : 0;

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
