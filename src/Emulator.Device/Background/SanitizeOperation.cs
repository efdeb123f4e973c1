using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// A sanitize of the whole drive (Base 2.1, 8.1.24), in steps of at most 16 MiB of one namespace each, so that no call
/// takes long and hosts see progress. What it has reached reads as zeroes; the last step erases every superblock of the
/// medium that holds old copies.
/// </summary>
internal sealed class SanitizeOperation(Drive drive)
{
    /// <summary>SANICAP. No-Deallocate After Sanitize is inhibited: the operation deallocates all the same.</summary>
    public const SanitizeCapabilities Capabilities =
        SanitizeCapabilities.BlockErase | SanitizeCapabilities.Overwrite | SanitizeCapabilities.NoDeallocateInhibited;

    private const ulong StepBytes = 16 << 20;
    private const ushort FullProgress = 0xFFFF;
    private const uint NoDeallocate = 1u << 9;

    private static readonly SimDuration EraseStepTime = SimDuration.FromMilliseconds(30);

    /// <summary>For one pass over the blocks of a step.</summary>
    private static readonly SimDuration OverwriteStepTime = SimDuration.FromMilliseconds(60);

    private SanitizeState _state = SanitizeState.NeverSanitized;
    private uint _command;
    private uint _pattern;
    private int _steps;
    private int _stepsDone;
    private int _passesDone;
    private ulong _writesAtEnd;

    public bool IsInProgress => _state == SanitizeState.InProgress;

    /// <summary>When the next step is due.</summary>
    public SimTime Due { get; private set; } = SimTime.Never;

    private SanitizeAction Action => (SanitizeAction)(_command & 7);

    private int Passes => Action != SanitizeAction.Overwrite ? 1 : (_command >> 4 & 0xF) == 0 ? 16 : (int)(_command >> 4 & 0xF);

    public void Start(SimTime now, uint command, uint pattern)
    {
        Check.That(!IsInProgress);
        _command = command;
        _pattern = pattern;
        _state = SanitizeState.InProgress;
        _steps = (Slices().Count() * Passes) + 1;
        _stepsDone = 0;
        _passesDone = 0;
        Due = now + StepTime;
        drive.Schedule();
    }

    public void Advance(SimTime now)
    {
        if (now < Due)
            return;

        int slices = (_steps - 1) / Passes;
        if (_stepsDone < _steps - 1)
        {
            (Namespace ns, BlockRange range) = Slices().ElementAt(_stepsDone % slices);
            Clean(now, ns, range, lastPass: _stepsDone / slices == Passes - 1);
            _stepsDone++;
            _passesDone = _stepsDone / slices;
            Due = now + StepTime;
            return;
        }

        _stepsDone++;
        _passesDone = Passes;
        Due = SimTime.Never;
        drive.EraseStalePages(now);
        _writesAtEnd = drive.Health.WriteCommands;
        _state = (_command & NoDeallocate) != 0
            ? SanitizeState.CompletedWithUnexpectedDeallocation
            : SanitizeState.Completed;
        drive.SanitizeEnded(now, _state, Status());
    }

    /// <summary>LID 81h (Base 2.1, 5.1.12.1.33).</summary>
    public SanitizeStatus Status()
    {
        uint erase = Seconds(EraseStepTime, passes: 1);
        uint overwrite = Seconds(OverwriteStepTime, passes: 16);
        int passes = Action == SanitizeAction.Overwrite ? _passesDone : 0;
        bool isErased = _state is SanitizeState.Completed or SanitizeState.CompletedWithUnexpectedDeallocation
            && drive.Health.WriteCommands == _writesAtEnd;
        return new SanitizeStatus
        {
            Sprog = IsInProgress ? (ushort)((uint)_stepsDone * 65536 / (uint)_steps) : FullProgress,
            Sstat = (ushort)((int)_state | (passes << 3) | (isErased ? SanitizeStatus.GlobalDataErased : 0)),
            Scdw10 = _command,
            Eto = overwrite,
            Etbe = erase,
            Etce = SanitizeStatus.NoEstimate,
            Etodmm = overwrite,
            Etbenmm = erase,
            Etcenmm = SanitizeStatus.NoEstimate,
        };
    }

    internal void WriteTo(ref MetadataWriter writer)
    {
        int begun = writer.Begin(MetadataTag.Sanitize);
        writer.Number(MetadataTag.State, (ulong)_state);
        writer.Number(MetadataTag.Command, _command);
        writer.Number(MetadataTag.Pattern, _pattern);
        writer.End(begun);
    }

    /// <summary>An operation that a loss of power interrupted begins anew (Base 2.1, 8.1.24.3).</summary>
    internal void ReadFrom(MetadataReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.State:
                    _state = (SanitizeState)reader.Count;
                    break;
                case MetadataTag.Command:
                    _command = (uint)reader.Number;
                    break;
                case MetadataTag.Pattern:
                    _pattern = (uint)reader.Number;
                    break;
                default:
                    throw reader.Unknown();
            }
        }
    }

    /// <summary>Goes on with what <see cref="ReadFrom"/> found, when all namespaces are there.</summary>
    internal void Resume(SimTime now)
    {
        _writesAtEnd = ulong.MaxValue;
        if (!IsInProgress)
            return;
        _state = SanitizeState.NeverSanitized;
        Start(now, _command, _pattern);
    }

    private SimDuration StepTime => Action == SanitizeAction.Overwrite ? OverwriteStepTime : EraseStepTime;

    /// <summary>The last pass deallocates; an overwrite has written its pattern before, inverted at every other pass if asked.</summary>
    private void Clean(SimTime now, Namespace ns, BlockRange range, bool lastPass)
    {
        const uint invertBetweenPasses = 1u << 8;
        if (Action == SanitizeAction.Overwrite)
        {
            bool inverts = (_command & invertBetweenPasses) != 0 && _passesDone % 2 == 1;
            ns.Fill(now, range, inverts ? ~_pattern : _pattern);
        }

        if (lastPass)
            ns.Deallocate(now, range, writer: null);
    }

    private uint Seconds(SimDuration step, int passes) =>
        (uint)(((step * Slices().Count() * passes).Milliseconds + 999) / 1000);

    private IEnumerable<(Namespace Namespace, BlockRange Range)> Slices()
    {
        foreach (Namespace ns in drive.Namespaces.All)
        {
            ulong blocks = StepBytes >> ns.BlockShift;
            for (ulong start = 0; start < ns.BlockCount; start += blocks)
                yield return (ns, new BlockRange(start, Math.Min(blocks, ns.BlockCount - start)));
        }
    }
}
