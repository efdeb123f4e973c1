using Emulator.Core;

namespace Emulator.UnitTests.Core;

public sealed class SeededRandomTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers_on_every_machine()
    {
        // The first outputs of xoshiro256** whose state is filled by splitmix64 from 42.
        var random = new SeededRandom(42);
        ulong[] first = [random.Next(), random.Next(), random.Next()];
        Assert.Equal([0x15780B2E0C2EC716, 0x6104D9866D113A7E, 0xAE17533239E499A1], first);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Numbers_stay_below_the_bound_and_reach_all_of_it(int bound)
    {
        var random = new SeededRandom(3);
        var seen = new HashSet<int>();
        for (int i = 0; i < bound * 40; i++)
        {
            int number = random.Below(bound);
            Assert.InRange(number, 0, bound - 1);
            seen.Add(number);
        }

        Assert.Equal(bound, seen.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(4099)]
    public void Filling_writes_every_byte(int length)
    {
        byte[] sum = new byte[length];
        var random = new SeededRandom(9);
        for (int round = 0; round < 20; round++)
        {
            byte[] bytes = new byte[length];
            random.Fill(bytes);
            for (int i = 0; i < length; i++)
                sum[i] |= bytes[i];
        }

        Assert.DoesNotContain((byte)0, sum);
    }
}
