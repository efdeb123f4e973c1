using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Simulation.Migrations;

/// <summary>The hypervisor copies, in passes, and asks the drive for as much help as it is given.</summary>
internal sealed class AssistedCopy(CopyParts parts) : IVmCopy
{
    private const int Advancing = 1;

    private readonly HypervisorCopy _copy = new(
        parts.Source.Host, parts.Destination.Host, parts.Link, parts.Scenario.CopyBytes, parts.Scenario.CopyDepth);

    private bool _isFinishing;
    private SimTime _stateArrived = SimTime.Never;
    private byte[] _delta = [];

    public SimTime NextEvent => SimTime.Min(_copy.NextEvent, _stateArrived);

    public bool IsConverged { get; private set; }

    public bool IsDone { get; private set; }

    public long BytesMoved => _copy.BytesMoved;

    public int Rounds { get; private set; } = 1;

    /// <summary>Without assist there is no state to be had from the drive.</summary>
    private bool HasState => parts.Assist != MigrationAssist.None;

    public void Begin(SimTime now)
    {
        if (HasState)
        {
            byte[] state = parts.Source.ReadState(now, LogPageId.VmStorageState);
            parts.Destination.SetState(parts.Link.There(now, state.Length), state, isDelta: false);
        }

        bool knowsWritten = (parts.Assist & MigrationAssist.WrittenRanges) != 0;
        _copy.Begin(now, knowsWritten
            ? parts.Source.ReadRanges(now, LogPageId.VmWrittenRanges)
            : [new ByteRange(0, parts.NamespaceBytes)]);
    }

    public void Advance(SimTime now)
    {
        _copy.Advance(now);
        if (now >= _stateArrived)
        {
            _stateArrived = SimTime.Never;
            parts.Destination.SetState(now, _delta, isDelta: true);
            IsDone = true;
        }

        if (!_copy.IsDone || IsDone || _stateArrived != SimTime.Never)
            return;
        if (_isFinishing)
            SendLastOfState(now);
        else if (!IsConverged)
            EndPass(now);
    }

    public void Finish(SimTime now)
    {
        _isFinishing = true;
        Rounds++;
        _copy.Begin(now, DirtyRanges(now, Advancing));
        Advance(now);
    }

    public void Dispose() => _copy.Dispose();

    private void EndPass(SimTime now)
    {
        long dirty = DirtyRanges(now, actions: 0).Sum(range => range.Length);
        IsConverged = dirty <= parts.Scenario.ConvergedBytes || Rounds > parts.Scenario.MostRounds;
        if (IsConverged)
            return;
        Rounds++;
        _copy.Begin(now, DirtyRanges(now, Advancing));
    }

    private void SendLastOfState(SimTime now)
    {
        if (!HasState)
        {
            IsDone = true;
            return;
        }

        _delta = parts.Source.ReadState(now, LogPageId.VmDirtyState);
        _stateArrived = parts.Link.There(now, _delta.Length);
    }

    private List<ByteRange> DirtyRanges(SimTime now, int actions)
    {
        List<ByteRange> ranges = parts.Source.ReadRanges(now, LogPageId.VmDirtyRanges, actions);
        return (parts.Assist & MigrationAssist.DirtyRanges) != 0
            ? ranges
            : ByteRange.Rounded(ranges, MigrationScenario.HypervisorChunkBytes, parts.NamespaceBytes);
    }
}
