using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// A drive and its power. When the power is cut the drive is gone with everything that was volatile, its hosts lose their
/// connections, and with the power back another drive is built on the medium, which recovers. Hosts connect anew.
/// </summary>
public sealed class PoweredDrive : ISubsystem, IDisposable
{
    private readonly DriveOptions _options;
    private readonly Medium? _medium;

    /// <param name="options">What the drive is built from, each time.</param>
    /// <param name="medium">Which outlives the drive and this; null for memory of the drive's own.</param>
    /// <exception cref="MediumException">The medium cannot be used, for a reason that is told.</exception>
    public PoweredDrive(DriveOptions options, Medium? medium = null)
    {
        _options = options with { UpdateLogs = options.UpdateLogs ?? new MemoryUpdateLogs(Drive.LogPart * options.CapacityBytes) };
        _medium = medium;
        Drive = new Drive(_options, medium);
    }

    /// <summary>The drive of now.</summary>
    public Drive Drive { get; private set; }

    /// <summary>How often the power was cut.</summary>
    public int PowerCuts { get; private set; }

    /// <summary>Called after the power was cut; the argument says why no drive could be built again, null if one was.</summary>
    public Action<MediumException?>? OnPowerCut { get; set; }

    public string Nqn => _options.SubsystemNqn;

    public int MaxTransferBytes => _options.MaxTransferBytes;

    public int InCapsuleDataBytes => _options.InCapsuleDataBytes;

    public SimTime NextEvent => SimTime.Min(Drive.NextEvent, Drive.PowerCutDue);

    public ConnectOutcome Connect(SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint) =>
        Drive.Connect(now, command, data, endpoint);

    /// <inheritdoc cref="Drive.NumberFor"/>
    public ushort? NumberFor(in ConnectData data) => Drive.NumberFor(data);

    /// <inheritdoc cref="Drive.ConnectAssigned"/>
    public ConnectOutcome ConnectAssigned(
        SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint, ushort assignedId) =>
        Drive.ConnectAssigned(now, command, data, endpoint, assignedId);

    public void Advance(SimTime now)
    {
        if (now >= Drive.PowerCutDue)
            CutPower(now);
        else
            Drive.Advance(now);
    }

    public void Fault(SimTime now) => Drive.Fault(now);

    public void Dispose() => Drive.Dispose();

    /// <summary>Cuts the power now, and gives it back.</summary>
    private void CutPower(SimTime now)
    {
        Drive lost = Drive;
        lost.PowerCut(now);
        lost.LosePower(now);
        PowerCuts++;
        try
        {
            Drive = new Drive(_options with { Faults = [.. _options.Faults.Where(fault => fault.At > now)] }, _medium);
            lost.Dispose();
            OnPowerCut?.Invoke(null);
        }
        catch (MediumException e)
        {
            OnPowerCut?.Invoke(e);
        }
    }
}
