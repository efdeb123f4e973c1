using System.Collections.Concurrent;

namespace Emulator.SimulationTests;

/// <summary>What many runs did, on several threads.</summary>
internal sealed class RunTotals
{
    private long _runs;
    private long _commands;
    private long _losses;
    private long _erased;
    private long _moved;
    private long _awaited;

    public ConcurrentBag<string> Failures { get; } = [];

    public long Runs => _runs;

    public long PagesMoved => _moved;

    /// <summary>Commands that waited for a medium that was synchronised in the background.</summary>
    public long Awaited => _awaited;

    /// <summary>Runs a seed.</summary>
    /// <returns>Whether the drive did nothing that it may not.</returns>
    public bool Add(ulong seed, Action<string>? trace)
    {
        using var run = new CrashRun(seed) { Trace = trace };
        string? failure = run.Failure();
        if (failure != null)
            Failures.Add($"seed {seed}: {failure}\nreplay: EMULATOR_SIM_SEED={seed} tools/test simulation --filter No_flushed");
        Interlocked.Increment(ref _runs);
        Interlocked.Add(ref _commands, run.Commands);
        Interlocked.Add(ref _losses, run.Losses);
        Interlocked.Add(ref _erased, run.SuperblocksErased);
        Interlocked.Add(ref _moved, run.PagesMoved);
        Interlocked.Add(ref _awaited, run.Awaited);
        return failure == null;
    }

    public override string ToString() =>
        $"{_runs} runs, {_commands} commands, {_losses} losses of power, {_erased} superblocks erased, {_moved} pages moved, "
        + $"{_awaited} commands completed later";
}
