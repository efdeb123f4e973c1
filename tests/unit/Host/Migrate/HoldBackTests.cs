using Emulator.Core;
using Emulator.Host.Migrate;

namespace Emulator.UnitTests.Host.Migrate;

/// <summary>
/// Migrations of a VM that writes at random and as fast as it may, over a link, in virtual time: granules that were written are dirty,
/// rounds take them and move them one after the other, and each round costs a moment besides.
/// </summary>
public class HoldBackTests
{
    private const int GranuleBytes = 4096;
    private const double Patience = 60;

    /// <summary>A round costs a tenth of it: what is left cannot get under that by much.</summary>
    private const double GoalSeconds = 0.025;

    public static TheoryData<double, double, ulong> Loads => new()
    {
        { 1.0, 0.8, 1 }, { 1.0, 0.8, 2 }, { 1.0, 0.8, 3 }, { 1.1, 0.8, 4 }, { 1.8, 0.4, 5 }, { 4.0, 0.2, 6 },
    };

    /// <param name="writes">Bytes that the VM writes for each that the link moves.</param>
    [Theory]
    [MemberData(nameof(Loads))]
    public void A_VM_that_writes_as_fast_as_the_link_moves_converges_only_if_it_is_held_back(double writes, double leastShare, ulong seed)
    {
        var free = new Model(writes, seed);
        Assert.False(free.Run(null), $"it converged in {free.Seconds:F1} s without; seed {seed}");

        var held = new Model(writes, seed);
        var holdBack = new HoldBack(leastShare, Patience);
        Assert.True(held.Run(holdBack), $"it did not converge, held to {holdBack.Share:F2}; seed {seed}");
        Assert.InRange(held.LeastShare, leastShare - 1e-9, 1);
        Assert.InRange(held.Written / (held.Own * held.Seconds), leastShare - 0.01, 1);
    }

    [Fact]
    public void A_VM_that_leaves_the_link_room_is_left_alone()
    {
        var model = new Model(0.5, seed: 1);
        var holdBack = new HoldBack(0.8, Patience);
        Assert.True(model.Run(holdBack));
        Assert.Equal((1, 1), (model.LeastShare, holdBack.ShareNeeded));
    }

    [Fact]
    public void It_is_never_held_to_less_than_it_is_to_keep_and_what_would_have_done_is_known()
    {
        var model = new Model(2.0, seed: 7);
        var holdBack = new HoldBack(0.8, Patience);
        Assert.False(model.Run(holdBack));
        Assert.Equal(0.8, holdBack.Share, 6);
        Assert.InRange(holdBack.ShareNeeded, 0.3, 0.5);
        Assert.True(new Model(2.0, seed: 7).Run(new HoldBack(holdBack.ShareNeeded, Patience)));
    }

    [Fact]
    public void It_is_let_go_when_the_connection_is_lost_and_judged_anew()
    {
        var model = new Model(1.0, seed: 8);
        var holdBack = new HoldBack(0.8, Patience);
        Assert.False(model.Run(holdBack, untilHeld: true));
        Assert.InRange(holdBack.Share, 0.8, 0.95);
        holdBack.Observe(model.Look(MoverPhase.Reconnecting));
        Assert.Equal(0, holdBack.BytesPerSecond);
        Assert.True(model.Run(holdBack));
    }

    [Fact]
    public void A_mover_that_may_still_take_a_larger_share_is_waited_for_but_not_for_ever()
    {
        var model = new Model(1.0, seed: 9) { CouldTakeMore = true };
        Assert.False(model.Run(new HoldBack(0.8, Patience), untilHeld: true));
        Assert.InRange(model.SecondsOfRounds, Patience / 2, (Patience / 2) + 2);
    }

    /// <summary>A step is a millisecond.</summary>
    private sealed class Model
    {
        private const int Granules = 16384;
        private const double MovesPerSecond = 2048 * GranuleBytes;
        private const double StepSeconds = 1e-3;
        private const double SecondsBetweenLooks = 0.05;

        /// <summary>Flush, the list of the next, and what else is done once a round.</summary>
        private const double SecondsOfRound = 0.002;

        private readonly SeededRandom _random;
        private readonly bool[] _isDirty = new bool[Granules];
        private double _writeCredit;
        private double _moveCredit;
        private double _written;
        private ulong _dirty;
        private ulong _toDo = Granules;
        private ulong _moved;
        private ulong _round = 1;
        private double _roundsBegan = double.NaN;

        public Model(double writes, ulong seed)
        {
            _random = new SeededRandom(seed);
            Own = writes * MovesPerSecond;
        }

        public double Own { get; }

        public bool CouldTakeMore { get; init; }

        public double Seconds { get; private set; }

        public double SecondsOfRounds => Seconds - _roundsBegan;

        public double Written => _written;

        public double LeastShare { get; private set; } = 1;

        /// <returns>Whether it came under the goal in time.</returns>
        public bool Run(HoldBack? holdBack, bool untilHeld = false)
        {
            holdBack?.Before(Own);
            double lookAt = Seconds;
            while (double.IsNaN(_roundsBegan) || SecondsOfRounds < Patience)
            {
                Step(holdBack is { BytesPerSecond: > 0 and var limit } ? Math.Min(limit, Own) : Own);
                if (!double.IsNaN(_roundsBegan) && (_toDo + _dirty) * GranuleBytes <= MovesPerSecond * GoalSeconds)
                    return true;
                if (holdBack == null || Seconds < lookAt)
                    continue;
                lookAt += SecondsBetweenLooks;
                holdBack.Observe(Look(double.IsNaN(_roundsBegan) ? MoverPhase.FirstPass : MoverPhase.CatchingUp));
                LeastShare = Math.Min(LeastShare, holdBack.Share);
                if (untilHeld && holdBack.BytesPerSecond > 0)
                    return false;
            }

            return false;
        }

        public HoldBackLook Look(MoverPhase phase) => new()
        {
            Seconds = Seconds,
            SecondsLeft = double.IsNaN(_roundsBegan) ? Patience : Patience - SecondsOfRounds,
            Progress = new MoverProgress(phase)
            {
                Round = _round,
                BytesToDo = _toDo * GranuleBytes,
                BytesDirty = _dirty * GranuleBytes,
                BytesSent = _moved * GranuleBytes,
                FirstPassSeconds = double.IsNaN(_roundsBegan) ? 0 : _roundsBegan,
                CouldTakeMore = CouldTakeMore,
            },
            WasAtGoal = false,
            BytesWritten = (ulong)_written,
        };

        private void Step(double writesPerSecond)
        {
            Seconds += StepSeconds;
            _written += writesPerSecond * StepSeconds;
            for (_writeCredit += writesPerSecond * StepSeconds / GranuleBytes; _writeCredit >= 1; _writeCredit--)
            {
                int granule = (int)_random.Below(Granules);
                _dirty += _isDirty[granule] ? 0UL : 1;
                _isDirty[granule] = true;
            }

            _moveCredit += MovesPerSecond * StepSeconds / GranuleBytes;
            while (_moveCredit >= 1)
            {
                if (_toDo == 0)
                    BeginRound();
                if (_toDo == 0)
                    break;
                _toDo--;
                _moved++;
                _moveCredit--;
            }
        }

        private void BeginRound()
        {
            if (double.IsNaN(_roundsBegan))
                _roundsBegan = Seconds;
            _round++;
            _toDo = _dirty;
            _dirty = 0;
            Array.Clear(_isDirty);
            _moveCredit -= MovesPerSecond * SecondsOfRound / GranuleBytes;
        }
    }
}
