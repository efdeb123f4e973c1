using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The Streams directive as a host uses it (Base 2.1, 8.1.8.3): enable, write, look, release.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class StreamTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const uint EnableStreams = 1 | ((uint)DirectiveType.Streams << 8);

    [Fact]
    public void A_host_that_enables_streams_writes_to_them_and_sees_them()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        Assert.Equal(Status.Success, controller.Admin.Execute(Send(DirectiveType.Identify, 1, cdw12: EnableStreams)).Status);
        byte[] block = [.. Enumerable.Repeat((byte)0x77, 4096)];
        foreach (ushort stream in new ushort[] { 12, 3 })
        {
            SubmissionEntry write = HostCommands.Write(1, stream, 1);
            write.Cdw12 |= (uint)DirectiveType.Streams << NvmCommandFields.DtypeShift;
            write.Cdw13 = (uint)stream << NvmCommandFields.DspecShift;
            Assert.Equal(Status.Success, queue.Execute(write, block).Status);
        }

        byte[] read = new byte[4096];
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(1, 12, 1), read).Status);
        Assert.Equal(block, read);
        Assert.Equal([2, 3, 12], OpenStreams(controller));
        Assert.Equal(Status.Success, controller.Admin.Execute(Send(DirectiveType.Streams, 1, specific: 12)).Status);
        Assert.Equal([1, 3, 0], OpenStreams(controller));
    }

    [Fact]
    public void With_streams_enabled_a_write_with_another_directive_is_an_invalid_field()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        controller.Admin.Execute(Send(DirectiveType.Identify, 1, cdw12: EnableStreams));
        SubmissionEntry write = HostCommands.Write(1, 0, 1);
        write.Cdw12 |= (uint)DirectiveType.DataPlacement << NvmCommandFields.DtypeShift;
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), queue.Execute(write, new byte[4096]).Status);
    }

    private static SubmissionEntry Send(DirectiveType type, byte operation, ushort specific = 0, uint cdw12 = 0) => new()
    {
        Opcode = (byte)AdminOpcode.DirectiveSend,
        Nsid = 1,
        Cdw11 = operation | ((uint)type << 8) | ((uint)specific << 16),
        Cdw12 = cdw12,
    };

    /// <summary>The first words of what Get Status tells: a count, and identifiers.</summary>
    private static ushort[] OpenStreams(HostController controller)
    {
        byte[] data = new byte[128];
        var receive = new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.DirectiveReceive,
            Nsid = 1,
            Cdw10 = (uint)(data.Length / 4) - 1,
            Cdw11 = (byte)StreamsReceiveOperation.GetStatus | ((uint)DirectiveType.Streams << 8),
        };
        Assert.Equal(Status.Success, controller.Admin.Execute(receive, data).Status);
        return [BitConverter.ToUInt16(data), BitConverter.ToUInt16(data, 2), BitConverter.ToUInt16(data, 4)];
    }
}
