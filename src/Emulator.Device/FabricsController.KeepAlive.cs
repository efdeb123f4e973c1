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
    private bool _isKeepAliveHeld;
    private SimTime _keepAliveHeldSince;

    /// <summary>KATO in milliseconds as it is in force; 0 is no timer.</summary>
    protected uint KeepAliveTimeoutMilliseconds => (uint)_keepAliveTimeout.Milliseconds;

    /// <summary>When the host counts as gone.</summary>
    internal SimTime KeepAliveDeadline =>
        _keepAliveTimeout == SimDuration.Zero || _isKeepAliveHeld ? SimTime.Never : _lastHeard + _keepAliveTimeout;

    /// <summary>Sets KATO, from Connect or Set Features, and restarts the timer.</summary>
    internal void SetKeepAliveTimeout(SimTime now, uint milliseconds)
    {
        ulong granules = ((ulong)milliseconds + KeepAliveGranularityMilliseconds - 1) / KeepAliveGranularityMilliseconds;
        ulong rounded = Math.Min(granules * KeepAliveGranularityMilliseconds, uint.MaxValue);
        _keepAliveTimeout = SimDuration.FromMilliseconds((long)rounded);
        RestartKeepAlive(now);
    }

    /// <summary>The timer stands still from now on: the host is halted, and its silence says nothing.</summary>
    internal void HoldKeepAlive(SimTime now)
    {
        if (_isKeepAliveHeld)
            return;
        _isKeepAliveHeld = true;
        _keepAliveHeldSince = now;
    }

    /// <summary>The timer goes on from where it was held.</summary>
    internal void ReleaseKeepAlive(SimTime now)
    {
        if (!_isKeepAliveHeld)
            return;
        _isKeepAliveHeld = false;
        _lastHeard += now - _keepAliveHeldSince;
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
        RestartKeepAlive(now);
        return CommandOutcome.Success(now);
    }

    private void RestartKeepAlive(SimTime now) => _lastHeard = _keepAliveHeldSince = now;
}
