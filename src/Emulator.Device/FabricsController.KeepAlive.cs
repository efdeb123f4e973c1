using Emulator.Core;

namespace Emulator.Device;

/// <summary>
/// The keep-alive timer (Base 2.1, 3.9): command based, so that only Keep Alive restarts it. It runs on from Connect.
/// </summary>
public partial class FabricsController
{
    /// <summary>KAS times 100 ms: timeouts are rounded up to this.</summary>
    protected const uint KeepAliveGranularityMilliseconds = 1000;

    private SimDuration _keepAliveTimeout;
    private SimTime _lastHeard;

    /// <summary>KATO in milliseconds as it is in force; 0 is no timer.</summary>
    protected uint KeepAliveTimeoutMilliseconds => (uint)_keepAliveTimeout.Milliseconds;

    /// <summary>When the host counts as gone.</summary>
    internal SimTime KeepAliveDeadline =>
        _keepAliveTimeout == SimDuration.Zero ? SimTime.Never : _lastHeard + _keepAliveTimeout;

    /// <summary>Sets KATO, from Connect or Set Features, and restarts the timer.</summary>
    internal void SetKeepAliveTimeout(SimTime now, uint milliseconds)
    {
        ulong granules = ((ulong)milliseconds + KeepAliveGranularityMilliseconds - 1) / KeepAliveGranularityMilliseconds;
        ulong rounded = Math.Min(granules * KeepAliveGranularityMilliseconds, uint.MaxValue);
        _keepAliveTimeout = SimDuration.FromMilliseconds((long)rounded);
        _lastHeard = now;
    }

    /// <summary>Ends the association if the host was silent for too long; CSTS.CFS says so to whoever still asks.</summary>
    internal void CheckKeepAlive(SimTime now)
    {
        if (now < KeepAliveDeadline)
            return;
        _status = _status with { Cfs = true };
        Terminate(now, CloseReason.KeepAliveExpired);
    }

    protected CommandOutcome KeepAlive(SimTime now)
    {
        _lastHeard = now;
        return CommandOutcome.Success(now);
    }
}
