using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Where the data of a command goes: in the capsule, in data PDUs, and how much of it (TCP Transport 1.1, 3.3.2).</summary>
public sealed class TransferTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const int BlockBytes = 4096;
    private const int PlenOffset = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(127)]
    [InlineData(128)]
    public void Transfers_up_to_the_limit_move_every_byte(int blocks)
    {
        using HostController controller = target.Connect(out HostQueue queue);
        byte[] written = new byte[blocks * BlockBytes];
        byte[] read = new byte[written.Length];
        new SeededRandom((ulong)blocks).Fill(written);
        HostCompletion write = queue.Execute(HostCommands.Write(1, 200, blocks), written);
        Assert.Equal((Status.Success, written.Length), (write.Status, write.Transferred));
        HostCompletion readBack = queue.Execute(HostCommands.Read(1, 200, blocks), read);
        Assert.Equal((Status.Success, read.Length), (readBack.Status, readBack.Transferred));
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData(IoOpcode.Read)]
    [InlineData(IoOpcode.Write)]
    [InlineData(IoOpcode.Compare)]
    public void A_block_more_than_the_limit_is_an_invalid_field_and_no_data_moves(IoOpcode opcode)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        raw.SendWithDataPdus(HostCommands.Io(opcode, 1, 0, 129), 129 * BlockBytes);
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), raw.ReadResponse().Status);
        Assert.Equal(Status.Success, raw.Execute(HostCommands.Flush(1)).Status);
    }

    [Fact]
    public void Write_data_that_fits_goes_in_the_capsule_and_longer_data_on_request()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        Assert.Equal(Status.Success, raw.Execute(HostCommands.Write(1, 0, 4), new byte[4 * BlockBytes]).Status);
        R2T request = raw.SendAndReadR2T(HostCommands.Write(1, 0, 5), 5 * BlockBytes);
        Assert.Equal(5u * BlockBytes, request.R2tl.Value);
    }

    [Fact]
    public void Short_write_data_may_come_on_request_too()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(HostCommands.Write(1, 9, 1), BlockBytes);
        raw.Connection.Send(PduBuilder.H2CData(request.Cccid, request.Ttag, 0, new byte[BlockBytes], isLast: true));
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }

    [Theory]
    [InlineData(16 * 1024 + 8)]
    [InlineData(64 * 1024)]
    public void More_data_in_a_capsule_than_the_controller_takes_terminates_the_connection(int length)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        byte[] pdu = PduBuilder.Capsule(HostCommands.Write(1, 0, 4), new byte[length]);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, PlenOffset, pdu);
        target.AssertServes();
    }

    [Fact]
    public void The_admin_queue_takes_8_KiB_in_a_capsule_and_not_more()
    {
        using RawHost raw = target.ConnectRaw();
        SubmissionEntry features = HostCommands.SetFeatures(FeatureId.Timestamp, 0);
        byte[] pdu = PduBuilder.Capsule(features, new byte[8192]);
        raw.Connection.Send(pdu);
        Assert.Equal(PduType.CapsuleResp, raw.Read().Type);
        pdu = PduBuilder.Capsule(features, new byte[8192 + 8]);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, PlenOffset, pdu);
    }

    [Fact]
    public void Data_in_a_capsule_may_start_at_an_offset()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        byte[] data = new byte[2 * BlockBytes];
        new SeededRandom(3).Fill(data);
        SubmissionEntry entry = HostCommands.Write(1, 70, 1);
        entry.Cid = 1;
        entry.Psdt = DataTransferFormat.SglWithMetadataBuffer;
        entry.Sgl1 = PduBuilder.InCapsule(BlockBytes);
        entry.Sgl1.Address = 512;
        raw.Connection.Send(PduBuilder.CapsuleAsIs(entry, data));
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
        raw.SendWithDataPdus(HostCommands.Read(1, 70, 1), BlockBytes);
        Assert.Equal(data.AsSpan(512, BlockBytes).ToArray(), raw.Read().Data.ToArray());
    }

    public static TheoryData<string, IoOpcode, ulong, uint, byte> WrongDescriptors() => new()
    {
        { nameof(Status.SglOffsetInvalid), IoOpcode.Write, 8192, BlockBytes, 0x01 },
        { nameof(Status.SglOffsetInvalid), IoOpcode.Write, ulong.MaxValue, BlockBytes, 0x01 },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Write, 1, BlockBytes, 0x01 },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Write, 0, BlockBytes + 1, 0x01 },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Write, 0, uint.MaxValue, 0x01 },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Write, 0, BlockBytes - 1, 0x01 },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Write, 0, 0, 0x01 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Read, 0, BlockBytes, 0x01 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x00 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x0F },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x10 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x20 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x31 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x40 },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Write, 0, BlockBytes, 0x5B },
        { nameof(Status.SglDescriptorTypeInvalid), IoOpcode.Read, 0, BlockBytes, 0xF0 },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Read, 0, BlockBytes - 4, 0x5A },
        { nameof(Status.DataSglLengthInvalid), IoOpcode.Read, 0, 0, 0x5A },
        { nameof(Status.InvalidField), IoOpcode.Read, 0, uint.MaxValue, 0x5A },
    };

    [Theory]
    [MemberData(nameof(WrongDescriptors))]
    public void A_data_pointer_that_does_not_describe_the_data_fails_the_command_alone(
        string status, IoOpcode opcode, ulong address, uint length, byte identifier)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        SubmissionEntry entry = HostCommands.Io(opcode, 1, 0, 1);
        entry.Cid = 77;
        entry.Psdt = DataTransferFormat.SglWithMetadataBuffer;
        entry.Sgl1 = new SglDescriptor { Address = address, Length = length, Identifier = identifier };
        byte[] data = opcode == IoOpcode.Write ? new byte[BlockBytes] : [];
        raw.Connection.Send(PduBuilder.CapsuleAsIs(entry, data));
        CompletionEntry response = raw.ReadResponse();
        Assert.Equal(77, response.Cid.Value);
        Assert.Equal(Statuses.Named(status).WithDoNotRetry(), response.Status);
        Assert.Equal(Status.Success, raw.Execute(HostCommands.Flush(1)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_read_ends_without_a_capsule_only_where_flow_control_is_off(bool disableFlowControl)
    {
        HostOptions host = target.Host with { DisableFlowControl = disableFlowControl };
        using HostController controller = target.Connect(out HostQueue queue, host);
        HostCompletion read = queue.Execute(HostCommands.Read(1, 0, 1), new byte[BlockBytes]);
        Assert.Equal(Status.Success, read.Status);
        Assert.Equal(disableFlowControl, read.WithoutCapsule);
        HostCompletion write = queue.Execute(HostCommands.Write(1, 0, 1), new byte[BlockBytes]);
        Assert.False(write.WithoutCapsule);
        Assert.Equal(disableFlowControl, write.Entry.Sqhd == ushort.MaxValue);
    }

    [Theory]
    [InlineData(SuccessFlagUse.Never, true, false)]
    [InlineData(SuccessFlagUse.Always, false, true)]
    public void The_use_of_the_success_flag_can_be_configured(SuccessFlagUse use, bool disableFlowControl, bool expected)
    {
        using var other = new TestTarget(options => options with { SuccessFlag = use });
        HostOptions host = other.Host with { DisableFlowControl = disableFlowControl };
        using HostController controller = other.Connect(out HostQueue queue, host);
        HostCompletion read = queue.Execute(HostCommands.Read(1, 0, 1), new byte[BlockBytes]);
        Assert.Equal((Status.Success, expected), (read.Status, read.WithoutCapsule));
    }

    [Fact]
    public void A_read_that_fails_sends_no_data()
    {
        HostOptions host = target.Host with { DisableFlowControl = true };
        using HostController controller = target.Connect(out HostQueue queue, host);
        HostCompletion read = queue.Execute(HostCommands.Read(1, 1 << 20, 1), new byte[BlockBytes]);
        Assert.Equal(Status.LbaOutOfRange.WithDoNotRetry(), read.Status);
        Assert.Equal((0, false), (read.Transferred, read.WithoutCapsule));
    }

    [Fact]
    public void The_submission_queue_head_advances_with_every_command_and_wraps()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        int head = 1;
        for (int i = 0; i < 70; i++)
        {
            head = (head + 1) % 32;
            Assert.Equal(head, raw.Execute(HostCommands.Flush(1)).Sqhd.Value);
        }
    }

    [Fact]
    public void Completions_carry_no_queue_identifier_and_no_phase()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        CompletionEntry response = raw.Execute(HostCommands.Flush(1));
        Assert.Equal((0, 0), (response.Sqid.Value, response.StatusField.Value & 1));
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0x0FFF)]
    [InlineData(0xF01F)]
    [InlineData(0xFFFF)]
    public void Any_command_identifier_comes_back_as_it_is(ushort commandId)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        SubmissionEntry read = HostCommands.Read(1, 0, 1);
        read.Cid = commandId;
        read.Sgl1 = PduBuilder.InDataPdus(BlockBytes);
        raw.Connection.Send(PduBuilder.Capsule(read));
        Assert.Equal(commandId, raw.Read().As<DataPdu>().Cccid.Value);
        Assert.Equal(commandId, raw.ReadResponse().Cid.Value);
    }

    /// <summary>As SPDK's host does when it leaves: refused, it would go without a shutdown notice.</summary>
    [Fact]
    public void A_property_may_be_asked_for_by_the_identifier_of_a_request_for_events()
    {
        using RawHost admin = target.ConnectRaw();
        admin.Connection.Send(PduBuilder.Capsule(new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.AsynchronousEventRequest,
            Cid = 3,
            Flags = 0x40,
        }));
        SubmissionEntry property = HostCommands.PropertyGet(ControllerProperty.Cc);
        property.Cid = 3;
        admin.Connection.Send(PduBuilder.Capsule(property));
        CompletionEntry answer = admin.ReadResponse();
        Assert.Equal((Status.Success, RawHost.EnableCommand.Cdw12), (answer.Status, answer.Dw0));

        SubmissionEntry keepAlive = new() { Opcode = (byte)AdminOpcode.KeepAlive, Cid = 3, Flags = 0x40 };
        admin.Connection.Send(PduBuilder.Capsule(keepAlive));
        Assert.Equal(Status.CommandIdConflict.WithDoNotRetry(), admin.ReadResponse().Status);
    }

    [Fact]
    public void A_command_identifier_in_use_is_a_conflict_for_the_second_command()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(HostCommands.Write(1, 0, 5), 5 * BlockBytes);
        SubmissionEntry flush = HostCommands.Flush(1);
        flush.Cid = request.Cccid;
        raw.Connection.Send(PduBuilder.Capsule(flush));
        Assert.Equal(Status.CommandIdConflict.WithDoNotRetry(), raw.ReadResponse().Status);
        raw.Connection.Send(
            PduBuilder.H2CData(request.Cccid, request.Ttag, 0, new byte[5 * BlockBytes], isLast: true));
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }
}
