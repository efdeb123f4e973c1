using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration;

public class WriteLimitTests
{
    private const uint Block = 4096;

    private static readonly SimDuration Lease = SimDuration.FromSeconds(60);

    [Theory]
    [InlineData(1_000_000UL, 1)]
    [InlineData(36_864_000UL, 1)]
    [InlineData(36_864_000UL, 128)]
    [InlineData(999_999_937UL, 32)]
    public void A_host_that_always_has_so_many_commands_outstanding_writes_at_the_rate_to_the_byte(ulong rate, int depth)
    {
        var limit = new WriteLimit();
        limit.Set(SimTime.Zero, rate, Lease);
        var outstanding = new Queue<SimTime>();
        for (int i = 0; i < depth; i++)
            outstanding.Enqueue(limit.Admit(SimTime.Zero, SimTime.Zero, Block));
        ulong answered = 0;
        SimTime end = SimTime.Zero + SimDuration.FromSeconds(10);
        while (outstanding.Peek() <= end)
        {
            SimTime now = outstanding.Dequeue();
            answered += Block;
            outstanding.Enqueue(limit.Admit(now, now, Block));
        }

        // Beside the rate there is what 5 ms without a write would have saved up.
        double allowed = rate * 10.005;
        Assert.InRange(answered, allowed - Block, allowed);
    }

    [Fact]
    public void Random_commands_are_answered_in_order_and_no_sooner_than_all_before_them_are_paid_for()
    {
        const ulong rate = 10_000_000;
        var random = new SeededRandom(3);
        var limit = new WriteLimit();
        limit.Set(SimTime.Zero, rate, Lease);
        var now = SimTime.Zero;
        SimTime last = SimTime.Zero;
        ulong bytes = 0;
        for (int i = 0; i < 100_000 && now < SimTime.Zero + SimDuration.FromSeconds(20); i++)
        {
            now += SimDuration.FromMicroseconds(random.Below(800));
            uint command = (uint)(1 + random.Below(16)) * 512;
            SimTime due = limit.Admit(now, now, command);
            bytes += command;
            Assert.True(due >= last && due >= now);
            Assert.True((due.Nanoseconds + 5_000_000) * 1e-9 * rate >= bytes - 1, $"command {i}: {bytes} bytes at {due}");
            last = due;
        }
    }

    [Fact]
    public void A_VM_that_writes_less_than_it_may_is_never_held()
    {
        var limit = new WriteLimit();
        limit.Set(SimTime.Zero, 100 * Block, Lease);
        for (SimTime now = SimTime.Zero; now < SimTime.Zero + SimDuration.FromSeconds(5); now += SimDuration.FromMilliseconds(11))
        {
            SimTime done = now + SimDuration.FromMilliseconds(6);
            Assert.Equal(done, limit.Admit(now, done, Block));
        }

        Assert.Equal(0UL, limit.CommandsHeld);
    }

    [Fact]
    public void No_command_is_held_for_longer_than_a_host_waits()
    {
        var limit = new WriteLimit();
        limit.Set(SimTime.Zero, 1024, Lease);
        for (int i = 0; i < 100; i++)
            Assert.True(limit.Admit(SimTime.Zero, SimTime.Zero, uint.MaxValue) <= SimTime.Zero + WriteLimit.LongestHold);
        SimTime later = SimTime.Zero + SimDuration.FromSeconds(6);
        Assert.True(limit.Admit(later, later, 1024) < later + SimDuration.FromSeconds(1), "what is beyond the longest time is forgiven");
    }

    [Fact]
    public void A_limit_that_is_lifted_leaves_nothing_to_be_paid_for()
    {
        var limit = new WriteLimit();
        limit.Set(SimTime.Zero, 1024, Lease);
        limit.Admit(SimTime.Zero, SimTime.Zero, 4096);
        limit.Lift();
        Assert.False(limit.IsSet);
        Assert.Equal(SimTime.Never, limit.Ends);
        limit.Set(SimTime.Zero, 4096, Lease);
        Assert.Equal(SimTime.Zero, limit.Admit(SimTime.Zero, SimTime.Zero, 20));
    }
}
