using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;
using Emulator.UnitTests.Device;

namespace Emulator.SimulationTests;

/// <summary>
/// One seed: a drive that is built on a medium, gets random commands, loses its power, and is built anew, several times.
/// After each loss every block is read and must have contents that the reference disk allows.
/// </summary>
internal sealed partial class CrashRun : IDisposable
{
    private readonly SeededRandom _random;

    /// <summary>What is flushed; of its own, so that it leaves the commands of a seed as they were.</summary>
    private readonly SeededRandom _flushRandom;
    private readonly Scenario _scenario;
    private readonly Medium _medium;
    private readonly SortedDictionary<uint, ReferenceDisk> _disks = [];
    private readonly List<Flush> _flushes = [];
    private readonly List<Force> _forces = [];
    private Drive? _drive;
    private TestClock _clock = new();
    private TestHost _host = null!;
    private long _ordinal;
    private long _contents;
    private Change _change;

    /// <summary>A flush that may not be over yet, of one disk or of all.</summary>
    private readonly record struct Flush(long Ordinal, SimTime Asked, SimTime Due, ReferenceDisk? Disk);

    /// <summary>A write with FUA that may not be over yet.</summary>
    private readonly record struct Force(ReferenceDisk Disk, int First, int Count, long Ordinal, SimTime Due);

    /// <summary>An admin command that was under way when the power went.</summary>
    private readonly record struct Change(ChangeKind Kind, uint Nsid, int BlockBytes, int Blocks, SimTime Due);

    private enum ChangeKind : byte
    {
        None,
        Create,
        Delete,
        Format,
    }

    public CrashRun(ulong seed, FtlDefects defects = FtlDefects.None)
    {
        _random = new SeededRandom(seed);
        _snapshotRandom = new SeededRandom(~seed);
        _flushRandom = new SeededRandom(seed ^ 0xF1_05);
        _scenario = Scenario.From(_random, _snapshotRandom, defects);
        _medium = _scenario.Mode switch
        {
            LossMode.Kill => new TestMedium(_scenario.Format, LossKind.KeepsStores, PollsOf(seed)),
            LossMode.MachineStops => new TestMedium(_scenario.Format, LossKind.LosesUnsynchronised, PollsOf(seed)),
            _ when PollsOf(seed) is { } polls => new TestMedium(_scenario.Format, LossKind.KeepsStores, polls),
            _ => new MemoryMedium(_scenario.Format.Geometry, new SystemLayout(_scenario.Format).TotalBytes, persists: true),
        };
        FlashTranslationLayer.Format(_medium, _scenario.Format);
        NamespaceOptions first = _scenario.Options.Namespaces[0];
        _disks[1] = new ReferenceDisk(first.BlockBytes, (int)(first.SizeBytes / first.BlockBytes));
    }

    /// <summary>Every other medium is synchronised in the background.</summary>
    private static SeededRandom? PollsOf(ulong seed) => seed % 2 == 1 ? new SeededRandom(seed) : null;

    /// <summary>Hears of every command; for a seed that is run again.</summary>
    public Action<string>? Trace { get; init; }

    public long PagesMoved { get; private set; }

    /// <summary>How often the power went.</summary>
    public int Losses { get; private set; }

    /// <summary>Commands that were executed.</summary>
    public long Commands => _ordinal;

    public long SuperblocksErased { get; private set; }

    public override string ToString() => $"{_scenario.Mode}, {_scenario.Options.Cache.Mode}, {_scenario.Options.Geometry}";

    /// <returns>What the drive did that it may not; null when there is nothing.</returns>
    public string? Failure()
    {
        try
        {
            Run();
            return null;
        }
        catch (SimulationException e)
        {
            return e.Message;
        }
        catch (Exception e)
        {
            return $"{this}: {e}";
        }
    }

    private void Run()
    {
        for (int life = 0; life < _scenario.Lives; life++)
            Live(isLast: false);
        Live(isLast: true);
    }

    public void Dispose()
    {
        _drive?.Dispose();
        _medium.Dispose();
    }

    private void Live(bool isLast)
    {
        try
        {
            if (!isLast && _random.Chance(30))
                ArmLoss(_random.Below(60));
            SwitchOn();
            Verify();
            if (isLast)
                return;
            if (_random.Chance(60))
                ArmLoss(_random.Below(400));
            if (_scenario.IsFilled && _ordinal == 0)
                Fill();
            for (int i = 0; i < _scenario.CommandsOfLife; i++)
                Step();
            SwitchOff();
        }
        catch (PowerLossException)
        {
            LosePower(_clock.Now);
        }
        finally
        {
            PagesMoved = Math.Max(PagesMoved, _drive?.FtlCounters.PagesMoved ?? 0);
            SuperblocksErased = Math.Max(SuperblocksErased, _drive?.FtlCounters.SuperblocksErased ?? 0);
            _drive?.Dispose();
            _drive = null;
        }
    }

    private void ArmLoss(int calls)
    {
        if (_medium is TestMedium medium)
            medium.LosePowerAfter(calls);
    }

    private void SwitchOn()
    {
        _clock = new TestClock();
        _damaged.Clear();
        _outstanding.Clear();
        _awaited.Clear();
        _drive = new Drive(_scenario.Options, _medium);
        _host = TestHost.Connect(_drive, _clock);
        Trace?.Invoke($"mounted: {string.Join("; ", _drive.Recovery!.Steps)}");
        if (_drive.Recovery!.PagesLost > 0)
            throw Failure($"recovery lost {_drive.Recovery.PagesLost} pages");
    }

    private void SwitchOff()
    {
        if (_random.Chance(20) && TryShutDown())
            return;

        SimTime at = _clock.Now;
        if (_scenario.Mode == LossMode.VirtualTime)
        {
            at += new SimDuration(_random.Below(3_000_000));
            _drive!.PowerCut(at);
        }

        LosePower(at);
    }

    /// <returns>False if the flash has no room left for what is still in the cache, since too much of it failed.</returns>
    private bool TryShutDown()
    {
        _clock.Advance(_drive!, SimDuration.FromSeconds(1));
        if (!_drive!.Shutdown(_clock.Now).IsSuccess)
            return _scenario.MediaFaults > 0 ? false : throw Failure("the drive could not be shut down");
        foreach (ReferenceDisk disk in _disks.Values)
            disk.Flushed(++_ordinal, SimTime.Never - SimDuration.FromSeconds(1));
        EndFlushes(SimTime.Never);
        _change = default;
        _medium.Sync();
        return true;
    }

    private void LosePower(SimTime at)
    {
        Losses++;
        Trace?.Invoke($"power lost at {at}");
        EndFlushes(at);
        if (_change.Kind != ChangeKind.None && _change.Due <= at)
            _change = default;
        (_medium as TestMedium)?.Settle(_random);
    }

    /// <summary>Takes into account what the host heard until now.</summary>
    private void EndFlushes(SimTime now)
    {
        foreach (Flush flush in _flushes.Where(flush => flush.Due <= now))
        {
            foreach (ReferenceDisk disk in _disks.Values.Where(disk => flush.Disk == null || flush.Disk == disk))
                disk.Flushed(flush.Ordinal, flush.Asked);
        }

        foreach (Force force in _forces.Where(force => force.Due <= now))
        {
            for (int i = 0; i < force.Count; i++)
                force.Disk.Forced(force.First + i, force.Ordinal);
        }

        _flushes.Clear();
        _forces.Clear();
    }

    private SimulationException Failure(string what) => new($"{what} (command {_ordinal}, loss {Losses}, {this})");
}

/// <summary>The drive did what no drive may.</summary>
public sealed class SimulationException(string message) : Exception(message);
