using Emulator.Core;

namespace Emulator.UnitTests.Core;

public sealed class EventQueueTests
{
    [Fact]
    public void Items_come_out_by_time_and_equal_times_in_the_order_they_went_in()
    {
        var random = new SeededRandom(11);
        var queue = new EventQueue<int>(1000);
        var reference = new List<(long Due, int Item)>();
        for (int i = 0; i < 1000; i++)
        {
            long due = random.Below(50);
            queue.Add(new SimTime(due), i);
            reference.Add((due, i));
        }

        var taken = new List<int>();
        while (queue.TryTake(SimTime.Never, out int item))
            taken.Add(item);
        Assert.Equal(reference.OrderBy(entry => entry.Due).ThenBy(entry => entry.Item).Select(entry => entry.Item), taken);
    }

    [Fact]
    public void Nothing_comes_out_before_it_is_due()
    {
        var queue = new EventQueue<string>(1);
        queue.Add(new SimTime(100), "late");
        Assert.Equal(new SimTime(100), queue.NextDue);
        Assert.False(queue.TryTake(new SimTime(99), out _));
        Assert.True(queue.TryTake(new SimTime(100), out string item));
        Assert.Equal("late", item);
        Assert.Equal(SimTime.Never, queue.NextDue);
    }

    [Fact]
    public void One_more_than_the_capacity_is_a_firmware_fault()
    {
        var queue = new EventQueue<int>(1);
        queue.Add(SimTime.Zero, 1);
        Assert.Throws<FirmwareFaultException>(() => queue.Add(SimTime.Zero, 2));
    }

    [Fact]
    public void Adding_and_taking_allocates_nothing()
    {
        var queue = new EventQueue<int>(64);
        Exercise(queue);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exercise(queue);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Exercise(EventQueue<int> queue)
        {
            for (int i = 0; i < 1000; i++)
            {
                queue.Add(new SimTime(i % 7), i);
                if (queue.Count == queue.Capacity)
                    queue.Clear();
                queue.TryTake(new SimTime(3), out _);
            }
        }
    }
}
