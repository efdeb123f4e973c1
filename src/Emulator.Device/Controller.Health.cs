using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Temperatures and the critical warnings of SMART (Base 2.1, 5.1.12.1.3 and 5.1.25.1.3).</summary>
public sealed partial class Controller
{
    private const byte OverThreshold = 0;
    private const byte UnderThreshold = 1;

    /// <summary>AVSPT in percent.</summary>
    private const byte AvailableSpareThreshold = 10;

    /// <summary>What is wrong with the drive as the thresholds of this controller see it.</summary>
    private CriticalWarnings CriticalWarnings
    {
        get
        {
            uint temperature = DriveHealth.CompositeTemperature;
            bool exceeded = temperature >= CompositeThreshold(OverThreshold, FeatureSelect.Current)
                || temperature <= CompositeThreshold(UnderThreshold, FeatureSelect.Current);
            return (exceeded ? CriticalWarnings.TemperatureThreshold : CriticalWarnings.None)
                | (_drive.AvailableSparePercent < AvailableSpareThreshold ? CriticalWarnings.SpareBelowThreshold : 0)
                | (_drive.IsReadOnly ? CriticalWarnings.ReadOnly : 0);
        }
    }

    private uint CompositeThreshold(byte type, FeatureSelect select) =>
        Stored(_slot.Features, FeatureId.TemperatureThreshold, type, select, type == OverThreshold ? WarningTemperature : 0u);

    /// <summary>FID 04h: there is the composite temperature and no other sensor; FFh selects those that there are.</summary>
    private CommandOutcome SetTemperatureThreshold(SimTime now, in SubmissionEntry entry)
    {
        const uint allSensors = 0xF;
        if (!TrySelectThreshold(entry, out byte type, out uint sensor) || sensor is not (0 or allSensors))
            return Failed(now, Status.InvalidField);
        if (sensor == 0)
            _slot.Features.Set(FeatureId.TemperatureThreshold, type, (ushort)entry.Cdw11, save: (entry.Cdw10 >> 31) != 0);
        RaiseCriticalWarnings();
        return CommandOutcome.Success(now);
    }

    private CommandOutcome GetTemperatureThreshold(SimTime now, FeatureSelect select, in SubmissionEntry entry)
    {
        if (!TrySelectThreshold(entry, out byte type, out uint sensor) || sensor != 0)
            return Failed(now, Status.InvalidField);
        return CommandOutcome.Success(now, CompositeThreshold(type, select));
    }

    private static bool TrySelectThreshold(in SubmissionEntry entry, out byte type, out uint sensor)
    {
        type = (byte)(entry.Cdw11 >> 20 & 3);
        sensor = entry.Cdw11 >> 16 & 0xF;
        return type <= UnderThreshold;
    }

    /// <summary>Tells the host of warnings that are on and that it wants to hear of.</summary>
    internal void RaiseCriticalWarnings()
    {
        CriticalWarnings warnings = CriticalWarnings;
        if ((warnings & CriticalWarnings.TemperatureThreshold) != 0)
            Raise(AsyncSmartEvent.TemperatureThreshold);
        if ((warnings & CriticalWarnings.SpareBelowThreshold) != 0)
            Raise(AsyncSmartEvent.SpareBelowThreshold);
        if ((warnings & CriticalWarnings.ReadOnly) != 0)
            Raise(AsyncSmartEvent.NvmSubsystemReliability);
    }

    private void Raise(AsyncSmartEvent smart) =>
        Raise(new AsyncEventResult(AsyncEventType.SmartHealth, (byte)smart, LogPageId.SmartHealth));
}
