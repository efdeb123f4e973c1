using System.Diagnostics;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The keep-alive timer (Base 2.1, 3.9), in real time: one second is the shortest there is.</summary>
public sealed class KeepAliveTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>What the clocks of two threads and a loaded machine may add or take.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(20);

    private HostOptions Host => target.Host with { KeepAliveTimeout = Timeout };

    [Fact]
    public void A_silent_host_loses_its_association_after_the_timeout_and_not_before()
    {
        var clock = Stopwatch.StartNew();
        using HostController controller = target.Connect(out HostQueue queue, Host);
        Assert.True(controller.Admin.WaitForClose(TestTarget.Patience));
        Assert.InRange(clock.Elapsed, Timeout - Tolerance, TimeSpan.MaxValue);
        Assert.True(queue.WaitForClose(TestTarget.Patience));
    }

    [Fact]
    public void The_timer_is_enforced_without_anything_else_to_wake_the_drive()
    {
        using HostController controller = target.Connect(Host);
        var clock = Stopwatch.StartNew();
        Assert.True(controller.Admin.WaitForClose(TestTarget.Patience));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, 3 * Timeout);
    }

    [Fact]
    public void A_host_that_says_so_in_time_is_kept()
    {
        using HostController controller = target.Connect(out HostQueue queue, Host);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < 2.5 * Timeout)
        {
            controller.KeepAliveIfDue();
            Thread.Sleep(50);
        }

        new Bystander(queue).AssertUndisturbed();
    }

    [Fact]
    public void Io_commands_do_not_restart_the_timer()
    {
        using HostController controller = target.Connect(out HostQueue queue, Host);
        var clock = Stopwatch.StartNew();
        while (queue.IsConnected && clock.Elapsed < TestTarget.Patience)
        {
            if (queue.TryAcquire(out int slot))
            {
                queue.Entry(slot) = HostCommands.Flush(1);
                queue.Submit(slot, 0);
            }

            queue.Poll();
        }

        Assert.False(queue.IsConnected);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, 3 * Timeout);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(999u)]
    public void A_timeout_is_rounded_up_to_the_granularity(uint milliseconds)
    {
        HostOptions host = target.Host with { KeepAliveTimeout = TimeSpan.FromMilliseconds(milliseconds) };
        var clock = Stopwatch.StartNew();
        using HostController controller = target.Connect(host);
        Assert.True(controller.Admin.WaitForClose(TestTarget.Patience));
        Assert.InRange(clock.Elapsed, Timeout - Tolerance, TimeSpan.MaxValue);
    }

    [Fact]
    public void Without_a_timeout_silence_is_no_offence()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        Thread.Sleep(2 * Timeout);
        new Bystander(queue).AssertUndisturbed();
        Assert.True(controller.Status.Rdy);
    }

    [Fact]
    public void A_timeout_set_later_by_a_feature_counts_from_then()
    {
        using HostController controller = target.Connect();
        Thread.Sleep(1.2 * Timeout);
        var clock = Stopwatch.StartNew();
        controller.Succeed("Set Features", HostCommands.SetFeatures(FeatureId.KeepAliveTimer, 1000));
        Assert.True(controller.Admin.WaitForClose(TestTarget.Patience));
        Assert.InRange(clock.Elapsed, Timeout - Tolerance, 4 * Timeout);
    }

    [Fact]
    public void The_host_whose_timer_ran_out_can_connect_again()
    {
        using HostController controller = target.Connect(Host);
        Assert.True(controller.Admin.WaitForClose(TestTarget.Patience));
        using HostController again = target.Connect(out HostQueue queue, Host);
        Assert.Equal(controller.Id, again.Id);
        new Bystander(queue).AssertUndisturbed();
    }
}
