using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>SMART / Health Information, LID 02h (Base 2.1, 5.1.12.1.3).</summary>
public sealed partial class Controller
{
    private SmartHealth HealthReport(SimTime now)
    {
        const long nanosecondsPerHour = 3_600_000_000_000;
        DriveHealth health = _drive.Health;
        HealthCounters counters = _slot.HealthOffset.Apply(health);
        return new SmartHealth
        {
            Cw = CriticalWarnings,
            Ctemp = DriveHealth.CompositeTemperature,
            Avsp = (byte)_drive.AvailableSparePercent,
            Avspt = AvailableSpareThreshold,
            Pused = (byte)_drive.PercentageUsed,
            Dur = DataUnits(counters.BytesRead),
            Duw = DataUnits(counters.BytesWritten),
            Hrc = counters.ReadCommands.Value,
            Hwc = counters.WriteCommands.Value,
            Pwrc = health.PowerCycles,
            Upl = health.UnexpectedPowerLosses,
            Poh = (ulong)(now.Nanoseconds / nanosecondsPerHour),
            Mdie = counters.MediaErrors.Value,
            Neile = counters.ErrorLogEntries.Value,
        };
    }

    /// <summary>Thousands of units of 512 bytes, rounded up.</summary>
    private static ulong DataUnits(ulong bytes)
    {
        const ulong unit = 512 * 1000;
        return (bytes / unit) + (bytes % unit == 0 ? 0UL : 1);
    }
}
