using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Properties and the life of a controller: enable, reset, shut down (Base 2.1, 3.1.4, 3.6, 6.4 and 6.5).</summary>
public sealed class PropertyTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private static readonly Status InvalidField = Status.InvalidField.WithDoNotRetry();

    [Fact]
    public void Capabilities_are_those_of_a_controller_that_linux_can_use()
    {
        using HostController controller = target.Connect();
        var capabilities = new ControllerCapabilities(controller.GetProperty(ControllerProperty.Cap, wide: true));
        Assert.Equal(target.Drive.Options.MaxQueueEntries - 1, capabilities.Mqes);
        Assert.True(capabilities.Cqr);
        Assert.InRange(capabilities.To, 15, 255);
        Assert.Equal(1, capabilities.Css & 1);
        Assert.Equal((0, 0), (capabilities.Mpsmin, capabilities.Dstrd));
        Assert.Equal(ControllerProperty.Version210, (uint)controller.GetProperty(ControllerProperty.Vs));
    }

    [Theory]
    [InlineData(ControllerProperty.Cap, false)]
    [InlineData(ControllerProperty.Vs, true)]
    [InlineData(ControllerProperty.Cc, true)]
    [InlineData(ControllerProperty.Csts, true)]
    [InlineData(ControllerProperty.Intms, false)]
    [InlineData(ControllerProperty.Aqa, false)]
    [InlineData(ControllerProperty.Asq, true)]
    [InlineData(1u, false)]
    [InlineData(4u, false)]
    [InlineData(0x1000u, false)]
    [InlineData(0xFFFF_FFFCu, false)]
    public void A_property_that_is_not_there_or_has_another_size_cannot_be_read(uint offset, bool wide)
    {
        using HostController controller = target.Connect();
        Assert.Equal(InvalidField, controller.Admin.Execute(HostCommands.PropertyGet(offset, wide)).Status);
    }

    [Theory]
    [InlineData(ControllerProperty.Cap, true)]
    [InlineData(ControllerProperty.Vs, false)]
    [InlineData(ControllerProperty.Csts, true)]
    [InlineData(ControllerProperty.Cc, true)]
    [InlineData(ControllerProperty.Aqa, false)]
    [InlineData(0x1000u, false)]
    [InlineData(0x15u, false)]
    public void A_property_that_cannot_be_set_says_so(uint offset, bool wide)
    {
        using HostController controller = target.Connect();
        Assert.Equal(InvalidField, controller.Admin.Execute(HostCommands.PropertySet(offset, 0, wide)).Status);
        Assert.True(controller.Status.Rdy);
    }

    [Fact]
    public void An_attribute_with_a_reserved_size_is_an_invalid_field()
    {
        using HostController controller = target.Connect();
        foreach (uint attribute in (uint[])[2, 7, 8, 0x80])
        {
            SubmissionEntry entry = HostCommands.PropertyGet(ControllerProperty.Cap, wide: true);
            entry.Cdw10 = attribute;
            Assert.Equal(InvalidField, controller.Admin.Execute(entry).Status);
        }
    }

    [Fact]
    public void Properties_belong_to_the_admin_queue()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        Assert.Equal(InvalidField, queue.Execute(HostCommands.PropertyGet(ControllerProperty.Csts)).Status);
        Assert.Equal(InvalidField, queue.Execute(RawHost.EnableCommand).Status);
    }

    [Theory]
    [InlineData(0x02)]
    [InlineData(0x03)]
    [InlineData(0x09)]
    [InlineData(0xC0)]
    public void An_unknown_fabrics_command_is_an_invalid_opcode(byte type)
    {
        using HostController controller = target.Connect();
        var entry = new SubmissionEntry { Opcode = (byte)AdminOpcode.Fabrics, Nsid = type };
        Assert.Equal(Status.InvalidOpcode.WithDoNotRetry(), controller.Admin.Execute(entry).Status);
    }

    [Fact]
    public void Commands_wait_for_the_controller_to_be_enabled()
    {
        using HostController controller = HostController.Connect(target.Host);
        Assert.False(controller.Status.Rdy);
        SubmissionEntry[] commands =
        [
            HostCommands.KeepAlive(),
            HostCommands.Identify(IdentifyCns.Controller),
            HostCommands.AsynchronousEventRequest(),
        ];
        foreach (SubmissionEntry command in commands)
            Assert.Equal(Status.CommandSequenceError.WithDoNotRetry(), controller.Admin.Execute(command).Status);
        controller.Enable();
        Assert.True(controller.Status.Rdy);
        Assert.True(controller.Admin.Execute(HostCommands.KeepAlive()).IsSuccess);
    }

    [Theory]
    [InlineData(0x0046_0071u)]
    [InlineData(0x0046_0081u)]
    [InlineData(0x0047_0001u)]
    [InlineData(0x0056_0001u)]
    public void A_configuration_that_cannot_be_served_is_fatal(uint configuration)
    {
        using HostController controller = HostController.Connect(target.Host);
        controller.SetProperty(ControllerProperty.Cc, configuration);
        Assert.Equal((false, true), (controller.Status.Rdy, controller.Status.Cfs));
        controller.SetProperty(ControllerProperty.Cc, configuration & ~1u);
        controller.Enable();
        Assert.Equal((true, false), (controller.Status.Rdy, controller.Status.Cfs));
    }

    [Fact]
    public void A_reset_closes_io_queues_and_keeps_the_admin_queue()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        controller.Disable();
        Assert.True(queue.WaitForClose(TestTarget.Patience));
        Assert.Null(queue.Termination);
        Assert.False(controller.Status.Rdy);

        controller.Enable();
        HostQueue again = controller.ConnectIoQueue(controller.IoQueueOptions(1));
        new Bystander(again).AssertUndisturbed();
    }

    [Fact]
    public void A_shutdown_completes_and_what_was_written_is_there_for_the_next_association()
    {
        byte[] data = new byte[4096];
        data.AsSpan().Fill(0xD1);
        using (HostController controller = target.Connect(out HostQueue queue))
        {
            Assert.True(queue.Execute(HostCommands.Write(1, 333, 1), data).IsSuccess);
            controller.Shutdown();
            Assert.Equal(ShutdownStatus.Complete, controller.Status.Shst);
        }

        byte[] read = new byte[4096];
        using HostController next = target.Connect(out HostQueue nextQueue);
        Assert.Equal(ShutdownStatus.Normal, next.Status.Shst);
        Assert.True(nextQueue.Execute(HostCommands.Read(1, 333, 1), read).IsSuccess);
        Assert.Equal(data, read);
    }
}
