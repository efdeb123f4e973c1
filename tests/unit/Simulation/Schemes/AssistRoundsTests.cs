using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.UnitTests.Simulation.Schemes;

/// <summary>
/// The rounds of assist are those of the drive: what log page D4h tells at the begin, and D3h whenever a round begins, is what
/// the scheme copies. They look at writes at different moments, the drive when it has executed one and the scheme when it has
/// completed, so that one that is under way as a round begins may be in this round of the one and in the next of the other.
/// </summary>
public class AssistRoundsTests
{
    private const long ImageBytes = 16 << 20;
    private const int Commands = 64;

    [Theory]
    [InlineData("mlc-sata", "KC_10", 1, 40)]
    [InlineData("mlc-sata", "Db_16", 2, 100)]
    [InlineData("mlc-sata", "IOM_4", 3, 70)]
    [InlineData("hdd-7200", "KC_10", 4, 60)]
    [InlineData("hdd-7200", "Db_2", 5, 40)]
    public void Rounds_copy_what_the_logs_of_the_drive_tell(string profile, string benchmark, ulong seed, int usedPercent)
    {
        using var source = new SimulatedDevice(DriveOf(profile), ImageBytes, Commands, keepsContents: false, assists: true);
        using var destination = new SimulatedDevice(DriveOf("mlc-sata"), ImageBytes, Commands, keepsContents: false);
        long used = ImageBytes * usedPercent / 100 / 4096 * 4096;
        SimTime now = source.Fill(SimTime.Zero, used);
        using var guest = new SimulatedGuest(
            SchemeBenchmark.All.Single(each => each.Name == benchmark), used, source.BlockShift, seed, now);
        IReadOnlyList<(ulong StartLba, ulong Blocks)> written = source.BeginAssist(now);
        var rounds = new Rounds(source, destination, BlocksOf(written), $"seed {seed}, {profile}, {benchmark}");
        var options = new SchemeOptions
        {
            Kind = SchemeKind.Assist,
            MostRequests = Commands / 2,
            CopyDepth = 2,
            Written = written,
            ConvergedBytes = 64 << 10,
        };
        using var run = new SchemeRun(rounds.Source, rounds.Destination, options, guest);

        run.Begin(now);
        while (run.Phase is SchemePhase.Copying or SchemePhase.Finishing)
        {
            now = Step(now, run, guest, source, destination, rounds);
            if (run.Phase == SchemePhase.Converged)
            {
                guest.IsPaused = true;
                source.Halt(now);
                run.Finish(now);
                rounds.Look(now, run);
            }
        }

        Assert.Equal(SchemePhase.Completed, run.Phase);
        rounds.End();
        Assert.True(run.Counters.Rounds >= 1, $"seed {seed}: {run.Counters.Rounds} rounds");
    }

    private static SimTime Step(
        SimTime now, SchemeRun run, SimulatedGuest guest, SimulatedDevice source, SimulatedDevice destination, Rounds rounds)
    {
        now = SimTime.Max(now, SimTime.Min(SimTime.Min(source.NextEvent, destination.NextEvent), guest.NextEvent));
        if (source.NextEvent <= now)
            source.Advance(now, (at, tag, isSuccess) => rounds.Completed(at, tag, isSuccess, run));
        if (destination.NextEvent <= now)
            destination.Advance(now, run.Completed);
        rounds.Look(now, run);
        guest.Advance(now, run);
        return now;
    }

    private static HashSet<ulong> BlocksOf(IEnumerable<(ulong StartLba, ulong Blocks)> ranges)
    {
        var blocks = new HashSet<ulong>();
        foreach ((ulong start, ulong count) in ranges)
        {
            for (ulong lba = start; lba < start + count; lba++)
                blocks.Add(lba);
        }

        return blocks;
    }

    private static DriveOptions DriveOf(string profile) => new()
    {
        CapacityBytes = 64 << 20,
        Profile = DeviceProfile.Find(profile),
        Timing = DriveTiming.Model,
    };

    /// <summary>Sees what is copied in each round, and what of the VM's writes is under way as one begins.</summary>
    /// <param name="told">What the drive says that the first pass has to copy.</param>
    private sealed class Rounds(SimulatedDevice source, SimulatedDevice destination, HashSet<ulong> told, string where)
    {
        private readonly Dictionary<int, BlockRequest> _writing = [];
        private readonly HashSet<ulong> _everTold = [.. told];
        private readonly HashSet<ulong> _everCopied = [];
        private HashSet<ulong> _told = told;
        private HashSet<ulong> _copied = [];
        private HashSet<ulong> _underWay = [];
        private HashSet<ulong> _underWayBefore = [];
        private int _rounds;

        public IBlockDevice Source => new Front(source, (tag, request) =>
        {
            if (!SchemeRun.IsCopy(tag) && request.Changes)
                _writing.Add(tag, request);
        });

        public IBlockDevice Destination => new Front(destination, (tag, request) =>
        {
            if (SchemeRun.IsCopy(tag))
                _copied.UnionWith(BlocksOf([(request.StartLba, request.Blocks)]));
        });

        public void Completed(SimTime now, int tag, bool isSuccess, SchemeRun run)
        {
            _writing.Remove(tag);
            run.Completed(now, tag, isSuccess);
        }

        /// <summary>A round has begun, and has written nothing yet: what was copied was the one before.</summary>
        public void Look(SimTime now, SchemeRun run)
        {
            if (run.Counters.Rounds == _rounds)
                return;
            Compare();
            _rounds = run.Counters.Rounds;
            (_underWayBefore, _underWay) = (_underWay, BlocksOf(_writing.Values.Select(request => (request.StartLba, (ulong)request.Blocks))));
            _told = BlocksOf(source.NextRound(now));
            _everTold.UnionWith(_told);
            _copied = [];
        }

        public void End()
        {
            Compare();
            Assert.Empty(_everTold.Except(_everCopied));
            Assert.Empty(_everCopied.Except(_everTold));
        }

        private void Compare()
        {
            Assert.True(_told.Except(_copied).All(_underWay.Contains), $"{where}, round {_rounds}: the drive tells more than is copied");
            Assert.True(_copied.Except(_told).All(_underWayBefore.Contains), $"{where}, round {_rounds}: more is copied than the drive tells");
            _everCopied.UnionWith(_copied);
        }
    }

    private sealed class Front(SimulatedDevice device, Action<int, BlockRequest> seen) : IBlockDevice
    {
        public int BlockShift => device.BlockShift;

        public ulong BlockCount => device.BlockCount;

        public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data)
        {
            seen(tag, request);
            device.Submit(now, tag, request, data);
        }
    }
}
