using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// Moves a VM by a scheme in real time: one run for each of its namespaces, from the namespace to the one at the other end,
/// which converge, finish and turn back together. Its owner makes the connection, and calls it on the thread of the drive.
/// </summary>
internal sealed partial class SchemeMover : IDisposable
{
    private readonly IReadOnlyList<ISchemeVolume> _volumes;
    private readonly SchemeRun[] _runs;
    private readonly PeerCommands _commands;
    private readonly DirectTransferScheme _scheme;
    private readonly SimTime _started;
    private SimTime _ended = SimTime.Never;
    private bool _isFinishing;
    private int _nextRun;

    /// <param name="volumes">Each is engaged, and its run begins when a peer is attached.</param>
    /// <param name="toCopy">What is to be copied of each.</param>
    /// <param name="commandBytes">Bytes of a command at the peer.</param>
    public SchemeMover(
        SimTime now, DirectTransferScheme scheme, SchemeOptions options, IReadOnlyList<ISchemeVolume> volumes,
        IReadOnlyList<IReadOnlyList<(ulong StartLba, ulong Blocks)>> toCopy, int commandBytes)
    {
        (_scheme, _volumes, _started, _windowStart) = (scheme, volumes, now, now);
        _commands = new PeerCommands(commandBytes, options.CopyBytes);
        _runs = new SchemeRun[volumes.Count];
        for (int i = 0; i < _runs.Length; i++)
        {
            var device = new PeerDevice(_commands, volumes[i]);
            device.Run = _runs[i] = new SchemeRun(volumes[i], device, options with { Written = toCopy[i], IsPaced = true }, volumes[i], volumes[i].Log);
            volumes[i].Engage(_runs[i]);
        }
    }

    /// <summary>Everything but little is at the destination: the VM is to be paused.</summary>
    public bool IsConverged => All(SchemePhase.Converged);

    /// <summary>The destination has everything, durably.</summary>
    public bool IsCompleted => All(SchemePhase.Completed);

    /// <summary>The destination has one of the namespaces, which cannot be taken back without more ado.</summary>
    public bool HasCompletedRun => Array.Exists(_runs, run => run.Phase == SchemePhase.Completed);

    /// <summary>The source has everything, and hosts go to it as ever.</summary>
    public bool IsBack { get; private set; }

    /// <summary>A scheme gave up by itself: it did not converge, or a side failed.</summary>
    public bool HasGivenUp =>
        Array.Exists(_runs, run => run.Phase is SchemePhase.Restoring or SchemePhase.RolledBack or SchemePhase.Lost);

    /// <summary>There is no side with everything.</summary>
    public bool IsLost => Array.Exists(_runs, run => run.Phase == SchemePhase.Lost);

    /// <summary>The source lacks what the destination alone was given.</summary>
    public bool IsSourceBehind => _scheme is DirectTransferScheme.LowRedundancy or DirectTransferScheme.SourceLowRedundancy;

    /// <summary>An update that should be in the log is not, nor will any other be.</summary>
    public bool HasLogFailed
    {
        get
        {
            foreach (ISchemeVolume volume in _volumes)
            {
                if (volume.HasLogFailed)
                    return true;
            }

            return false;
        }
    }

    /// <summary>No command of a host is under way, nor anything of the scheme.</summary>
    public bool IsQuiet => Array.TrueForAll(_runs, run => run.IsQuiet) && _volumes.All(volume => volume.IsIdle);

    /// <summary>A host waits for the peer.</summary>
    public bool AwaitsPeer => _commands.OfHostsUnderWay > 0;

    public Status Refusal => _commands.Refusal;

    public SimTime NextEvent
    {
        get
        {
            if (IsToTurnBack)
                return SimTime.Zero;
            SimTime next = _commands.NextEvent;
            foreach (ISchemeVolume volume in _volumes)
                next = SimTime.Min(next, volume.NextEvent);
            foreach (SchemeRun run in _runs)
                next = SimTime.Min(next, run.NextEvent);
            return next;
        }
    }

    /// <summary>The copy begins.</summary>
    public void Begin(SimTime now)
    {
        foreach (SchemeRun run in _runs)
            run.Begin(now);
    }

    public void Attach(SimTime now, IPeer peer, int mostBytes) => _commands.Attach(now, peer, mostBytes);

    public void Detach() => _commands.Detach();

    /// <summary>Delivers what has completed here; whatever waits for the peer comes with its completions.</summary>
    public void Advance(SimTime now)
    {
        _commands.Advance(now);
        foreach (ISchemeVolume volume in _volumes)
            volume.Advance(now);
        foreach (SchemeRun run in _runs)
        {
            if (run.NextEvent <= now)
                run.Advance(now);
        }

        if (IsToTurnBack)
            TurnBack(now);
    }

    public void Completed(SimTime now, IPeerQueue queue, int slot, PeerCompletion completion) =>
        _commands.Completed(now, queue, slot, completion);

    /// <summary>Begins the next read of the copy, of one namespace after the other.</summary>
    /// <returns>Bytes; 0 if there is none to begin, or what was read before is still to be sent.</returns>
    public int StepCopy(SimTime now)
    {
        if (_commands.HasCopyWaiting)
            return 0;
        for (int i = 0; i < _runs.Length; i++)
        {
            SchemeRun run = _runs[_nextRun];
            _nextRun = _nextRun + 1 == _runs.Length ? 0 : _nextRun + 1;
            if (run.StepCopy(now) is > 0 and int bytes)
                return bytes;
        }

        return 0;
    }

    /// <summary>The VM is paused, and everything that it asked for is done or will be: the rest follows.</summary>
    public void Finish(SimTime now)
    {
        if (_isFinishing || HasGivenUp)
            return;
        foreach (ISchemeVolume volume in _volumes)
        {
            if (!volume.IsIdle)
                return;
        }

        _isFinishing = true;
        foreach (SchemeRun run in _runs)
            run.Finish(now);
    }

    /// <summary>The VM runs again, though it was to be finished.</summary>
    public void Resume(SimTime now)
    {
        if (!_isFinishing || HasGivenUp)
            return;
        _isFinishing = false;
        foreach (SchemeRun run in _runs)
        {
            if (run.Phase == SchemePhase.Finishing)
                run.Resume(now);
        }
    }

    /// <summary>
    /// There is no destination any more, or it is not to have the VM: the VM goes on at the source, once that has everything.
    /// </summary>
    public void Abandon(SimTime now)
    {
        _commands.Close();
        foreach (SchemeRun run in _runs)
        {
            if (run.Phase == SchemePhase.Completed)
                run.Return(now);
            else
                run.Abandon(now);
        }
    }

    /// <summary>Hosts are to go to the source as ever, which has everything: the scheme has completed and was none that leaves it behind.</summary>
    public void Release(SimTime now)
    {
        _ended = SimTime.Min(_ended, now);
        foreach (ISchemeVolume volume in _volumes)
            volume.Bypass();
        IsBack = true;
    }

    /// <summary>The VM has left for good.</summary>
    public void DiscardLogs()
    {
        foreach (ISchemeVolume volume in _volumes)
            volume.DiscardLog();
    }

    /// <summary>The volumes and their logs stay as they are for whoever comes after the drive.</summary>
    public void Dispose()
    {
        _commands.Close();
        foreach (ISchemeVolume volume in _volumes)
            volume.Dispose();
        foreach (SchemeRun run in _runs)
            run.Dispose();
    }

    /// <summary>Some runs turn back and others do not yet, or the last of them is back.</summary>
    private bool IsToTurnBack => HasGivenUp && !IsBack && (!HaveAllGivenUp || All(SchemePhase.RolledBack));

    private bool HaveAllGivenUp =>
        Array.TrueForAll(_runs, run => run.Phase is SchemePhase.Restoring or SchemePhase.RolledBack or SchemePhase.Lost);

    /// <summary>All runs turn back when one does; when the last of them is back new commands need the scheme no longer.</summary>
    private void TurnBack(SimTime now)
    {
        if (!HaveAllGivenUp)
            Abandon(now);
        if (All(SchemePhase.RolledBack))
            Release(now);
    }

    private bool All(SchemePhase phase) => Array.TrueForAll(_runs, run => run.Phase == phase);
}
