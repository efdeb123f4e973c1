using Emulator.Core;
using Emulator.Device;

namespace Emulator.SimulationTests;

/// <summary>Commands that the drive completes later, when the medium was synchronised in the background.</summary>
internal sealed partial class CrashRun
{
    private const int MostAwaited = 16;

    private readonly List<(ushort CommandId, Action<CommandOutcome> Ended)> _awaited = [];

    /// <summary>Commands that were pending when the drive was asked for them.</summary>
    public long Awaited { get; private set; }

    /// <summary>A command was given to the drive: does what is to be done when it is over, now or later.</summary>
    private void WhenOver(CommandOutcome outcome, Action<CommandOutcome> ended)
    {
        if (outcome.Kind != OutcomeKind.Pending)
        {
            ended(outcome);
            return;
        }

        Awaited++;
        _awaited.Add((_host.LastCommandId, ended));
        int left = _random.Chance(30) ? 0 : _random.Below(MostAwaited);
        do
            Poll();
        while (_awaited.Count > left);
    }

    private void Poll()
    {
        _clock.Advance(_drive!, SimDuration.Zero);
        foreach ((ushort commandId, CommandOutcome outcome) in _host.IoEndpoint.Posted)
        {
            int index = _awaited.FindIndex(awaited => awaited.CommandId == commandId);
            if (index < 0)
                throw Failure($"command {commandId} ended twice, or was never sent");
            Action<CommandOutcome> ended = _awaited[index].Ended;
            _awaited.RemoveAt(index);
            ended(outcome);
        }

        _host.IoEndpoint.Posted.Clear();
    }
}
