using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration.Copying;

public sealed class CopyLoopTests
{
    private const int Blocks = 700;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 60).Select(seed => (ulong)seed)];

    /// <summary>
    /// Rounds of random changes, commands that complete in any order or are refused for the moment, connections that are
    /// lost together with what the peer had not made durable: after each round what is durable there is what is here.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_settled_is_durable_at_the_peer(ulong seed)
    {
        var random = new SeededRandom(seed);
        ulong[] here = new ulong[Blocks];
        int granuleShift = 12 + random.Below(4);
        var options = new CopyOptions { CommandBytes = 4096 << random.Below(5), FlushBytes = 4096 << random.Below(9) };
        using var loop = new CopyLoop([new FakeSource(here, random)], granuleShift, options);
        var peer = new FakePeer(loop, Blocks, 1 + random.Below(3), 1 + random.Below(8), options.CommandBytes);
        loop.Attach(peer, int.MaxValue, isVolatile: true);
        SimTime now = SimTime.Zero;
        for (int round = 0; round < 6; round++)
        {
            Change(here, loop.ToDo(1)!, random, granuleShift - 12);
            for (int step = 0; !loop.IsSettled; step++)
            {
                Assert.True(step < 200_000 && loop.Refusal.IsSuccess, $"seed {seed}: {loop.Refusal}");
                now += SimDuration.FromMicroseconds(random.Below(100));
                if (random.Below(500 + step) == 0)
                    peer = LoseConnection(loop, peer, random, options);
                Step(now, loop, peer, random);
            }

            Assert.Equal(here, peer.Durable);
            Assert.Equal(0UL, loop.BytesLeft);
        }
    }

    [Fact]
    public void A_refusal_that_will_not_pass_stops_it()
    {
        ulong[] here = [7, 8, 9];
        using var loop = new CopyLoop([new FakeSource(here, new SeededRandom(1))], 12, new CopyOptions());
        var peer = new FakePeer(loop, here.Length, 1, 4, 128 * 1024);
        loop.Attach(peer, int.MaxValue, isVolatile: false);
        loop.ToDo(1)!.Set(0, 3);
        Assert.NotEqual(0, loop.TryStep(SimTime.Zero, int.MaxValue));
        loop.SendWhatIsRead(new SimTime(1_000_000));
        peer.Do(new SimTime(1_000_000), 0, Status.LbaOutOfRange.WithDoNotRetry());

        Assert.True(loop.Refusal.Matches(Status.LbaOutOfRange));
        Assert.Equal(0, loop.TryStep(new SimTime(2_000_000), int.MaxValue));
        loop.Detach();
        Assert.Equal(3, loop.ToDo(1)!.Count);
    }

    [Fact]
    public void The_path_of_a_block_allocates_nothing()
    {
        ulong[] here = new ulong[Blocks];
        Array.Fill(here, 5UL);
        using var loop = new CopyLoop([new FakeSource(here, new SeededRandom(1))], 12, new CopyOptions { CommandBytes = 4096 });
        var peer = new FakePeer(loop, Blocks, 2, 8, 4096);
        loop.Attach(peer, int.MaxValue, isVolatile: true);
        SimTime now = SimTime.Zero;
        CopyAll(loop, peer, ref now);
        long before = GC.GetAllocatedBytesForCurrentThread();
        CopyAll(loop, peer, ref now);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void CopyAll(CopyLoop loop, FakePeer peer, ref SimTime now)
    {
        loop.ToDo(1)!.Set(0, Blocks);
        while (!loop.IsSettled)
        {
            now += SimDuration.FromMicroseconds(100);
            while (loop.TryStep(now, int.MaxValue) > 0)
            {
            }

            loop.SendWhatIsRead(now);
            loop.FlushIfDue(now);
            while (peer.Outstanding > 0)
                peer.Do(now, peer.Outstanding - 1);
        }
    }

    private static void Step(SimTime now, CopyLoop loop, FakePeer peer, SeededRandom random)
    {
        switch (random.Below(4))
        {
            case 0:
                loop.TryStep(now, 4096 << random.Below(6));
                break;
            case 1:
                loop.SendWhatIsRead(now);
                break;
            case 2:
                loop.FlushIfDue(now);
                break;
            default:
                if (peer.Outstanding > 0)
                    peer.Do(now, random.Below(peer.Outstanding), random.Chance(5) ? Status.MigrationBusy : Status.Success);
                break;
        }
    }

    /// <summary>The peer loses its power too, and comes back with what was durable.</summary>
    private static FakePeer LoseConnection(CopyLoop loop, FakePeer peer, SeededRandom random, CopyOptions options)
    {
        for (int i = random.Below(peer.Outstanding + 1); i > 0; i--)
            peer.Destage(random);
        loop.Detach();
        var next = new FakePeer(loop, peer.Durable, 1 + random.Below(3), 1 + random.Below(8), options.CommandBytes);
        loop.Attach(next, int.MaxValue, isVolatile: true);
        return next;
    }

    private static void Change(ulong[] here, TwoLevelBitmap toDo, SeededRandom random, int granuleBlocksShift)
    {
        for (int i = 0; i < 30; i++)
        {
            int count = 1 + random.Below(60);
            int first = random.Below(Blocks - count);
            ulong value = random.Below(10) switch
            {
                0 => ulong.MaxValue,
                < 4 => 0,
                _ => random.Next() >> 1,
            };
            here.AsSpan(first, count).Fill(value);
            int granule = first >> granuleBlocksShift;
            toDo.Set(granule, ((first + count - 1) >> granuleBlocksShift) - granule + 1);
        }
    }
}
