using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Transfers.Schemes;

/// <summary>A copy over a link that sends one byte after the other: what it gets through, and how long what comes later waits.</summary>
public class CopyWindowTests
{
    private const int CommandBytes = 64 << 10;

    private readonly Queue<(SimTime SentAt, long Bytes, long UnderWay, SimTime Due)> _underWay = new();
    private readonly CopyWindow _window = new(CommandBytes);
    private SimTime _now;
    private SimTime _linkFree;

    /// <summary>MiB a second, and microseconds there and back.</summary>
    [Theory]
    [InlineData(50, 100)]
    [InlineData(50, 2_000)]
    [InlineData(50, 20_000)]
    [InlineData(1_000, 100)]
    [InlineData(1_000, 2_000)]
    public void The_link_is_kept_busy_and_what_hosts_send_waits_for_few_commands(int rate, int microseconds)
    {
        SimDuration delay = SimDuration.FromMicroseconds(microseconds);
        Copy(SimDuration.FromSeconds(2), rate, delay);
        (double used, double waited) = Copy(SimDuration.FromSeconds(5), rate, delay);

        Assert.InRange(used, 0.9, 1.01);
        Assert.InRange(waited, 0, 3);
    }

    /// <summary>What nobody sent for a while may go at once, as a token bucket lets it: a command is never as fast again.</summary>
    [Fact]
    public void A_way_that_was_faster_once_is_used_nevertheless()
    {
        Copy(SimDuration.FromMilliseconds(20), rate: 1_000, SimDuration.FromMicroseconds(100));
        Copy(SimDuration.FromMilliseconds(50), rate: 50, SimDuration.FromMicroseconds(100));
        (double used, double waited) = Copy(SimDuration.FromSeconds(1), rate: 50, SimDuration.FromMicroseconds(100));

        Assert.InRange(used, 0.9, 1.01);
        Assert.InRange(waited, 0, 3);
    }

    [Fact]
    public void A_way_that_became_longer_is_filled_once_the_shorter_is_forgotten()
    {
        Copy(SimDuration.FromSeconds(2), rate: 50, SimDuration.FromMicroseconds(100));
        Copy(SimDuration.FromSeconds(30), rate: 50, SimDuration.FromMilliseconds(20));
        (double used, _) = Copy(SimDuration.FromSeconds(5), rate: 50, SimDuration.FromMilliseconds(20));

        Assert.InRange(used, 0.9, 1.01);
    }

    [Fact]
    public void It_does_not_grow_while_it_is_not_used()
    {
        long before = _window.Bytes;
        for (int i = 0; i < 100; i++)
        {
            _window.Sent(CommandBytes / 2);
            _window.Completed(new SimTime(1_000_000 * (i + 1)), new SimTime(1_000_000 * i), CommandBytes / 2, CommandBytes / 2);
        }

        Assert.Equal(before, _window.Bytes);
    }

    [Fact]
    public void One_command_goes_however_long_it_is_and_none_beside_it()
    {
        Assert.True(_window.HasRoomFor(100 * CommandBytes));
        _window.Sent(100 * CommandBytes);

        Assert.False(_window.HasRoomFor(1));
        Assert.True(new CopyWindow(CommandBytes).HasRoomFor(1));
    }

    [Fact]
    public void Commands_without_data_are_never_held()
    {
        _window.Sent(_window.Bytes);

        Assert.True(_window.HasRoomFor(0));
        Assert.False(_window.HasRoomFor(4096));
    }

    /// <returns>Of what the link can send, the part that it sent; the longest wait for a link that sends what came before, in commands.</returns>
    private (double Used, double Waited) Copy(SimDuration time, int rate, SimDuration delay)
    {
        SimDuration command = new((long)(CommandBytes / (rate * 1048576.0) * 1e9));
        SimTime began = _now;
        SimTime end = _now + time;
        long sent = 0;
        SimDuration longest = default;
        while (_now < end)
        {
            while (_window.HasRoomFor(CommandBytes))
            {
                _linkFree = SimTime.Max(_linkFree, _now) + command;
                _window.Sent(CommandBytes);
                _underWay.Enqueue((_now, CommandBytes, _window.UnderWay, _linkFree + delay));
                sent += CommandBytes;
                longest = _linkFree - _now > longest ? _linkFree - _now : longest;
            }

            (SimTime sentAt, long bytes, long underWay, SimTime due) = _underWay.Dequeue();
            _now = SimTime.Max(_now, due);
            _window.Completed(_now, sentAt, bytes, underWay);
        }

        return (sent / (double)CommandBytes * command.Nanoseconds / (_now - began).Nanoseconds, longest.Nanoseconds / (double)command.Nanoseconds);
    }
}
