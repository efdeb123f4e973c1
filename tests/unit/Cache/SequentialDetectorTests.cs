using Emulator.Cache;
using Emulator.Core;

namespace Emulator.UnitTests.Cache;

public class SequentialDetectorTests
{
    [Fact]
    public void The_window_doubles_while_the_reader_goes_on_and_nothing_is_named_twice()
    {
        var detector = new SequentialDetector(largestWindow: 16);
        Assert.Equal(0, detector.Observe(1, 100, 2).Count);
        Assert.Equal(new PagesAhead(104, 4), detector.Observe(1, 102, 2));
        Assert.Equal(new PagesAhead(108, 6), detector.Observe(1, 104, 2));
        Assert.Equal(new PagesAhead(114, 10), detector.Observe(1, 106, 2));
        Assert.Equal(new PagesAhead(124, 2), detector.Observe(1, 108, 2));
        Assert.Equal(new PagesAhead(126, 2), detector.Observe(1, 110, 2));
    }

    [Fact]
    public void Random_reads_are_not_read_ahead_of()
    {
        var random = new SeededRandom(1);
        var detector = new SequentialDetector(64);
        int ahead = 0;
        for (int i = 0; i < 10_000; i++)
            ahead += detector.Observe(1, random.Below(1ul << 40), 1).Count;
        Assert.Equal(0, ahead);
    }

    [Fact]
    public void Readers_at_one_place_and_at_others_do_not_disturb_each_other()
    {
        var detector = new SequentialDetector(8);
        int[] ahead = new int[6];
        for (uint step = 0; step < 100; step++)
        {
            for (uint reader = 0; reader < 6; reader++)
                ahead[reader] += detector.Observe(reader / 2, (reader * 1_000_000) + step, 1).Count;
        }

        Assert.All(ahead, count => Assert.InRange(count, 100, 107));
    }

    [Fact]
    public void Commands_that_overtake_each_other_are_still_one_reader()
    {
        var detector = new SequentialDetector(32);
        int ahead = 0;
        for (uint pair = 0; pair < 50; pair++)
        {
            ahead += detector.Observe(1, (pair * 2) + 1, 1).Count;
            ahead += detector.Observe(1, pair * 2, 1).Count;
        }

        Assert.InRange(ahead, 98, 132);
    }
}
