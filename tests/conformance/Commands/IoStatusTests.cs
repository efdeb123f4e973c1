using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The statuses of I/O commands that cannot be carried out (NVM Command Set 1.1, 3.3).</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class IoStatusTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const uint Inactive = 3;
    private const uint BeyondLimit = 17;
    private const uint Broadcast = 0xFFFF_FFFF;

    /// <summary>Blocks of namespace 1, 4096 bytes each, and of namespace 2, 512 bytes each.</summary>
    private const ulong Blocks1 = 16384;
    private const ulong Blocks2 = 32768;

    public static TheoryData<IoOpcode, uint, string> NamespaceRows()
    {
        var rows = new TheoryData<IoOpcode, uint, string>();
        IoOpcode[] opcodes =
        [
            IoOpcode.Read, IoOpcode.Write, IoOpcode.Compare, IoOpcode.Verify, IoOpcode.WriteZeroes,
            IoOpcode.WriteUncorrectable, IoOpcode.DatasetManagement, IoOpcode.Copy, IoOpcode.Flush,
        ];
        foreach (IoOpcode opcode in opcodes)
        {
            rows.Add(opcode, 0, nameof(Status.InvalidNamespaceOrFormat));
            rows.Add(opcode, BeyondLimit, nameof(Status.InvalidNamespaceOrFormat));
            rows.Add(opcode, Inactive, nameof(Status.InvalidField));
            if (opcode != IoOpcode.Flush)
                rows.Add(opcode, Broadcast, nameof(Status.InvalidNamespaceOrFormat));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(NamespaceRows))]
    public void A_namespace_that_is_not_there_is_named_by_the_status(IoOpcode opcode, uint nsid, string status)
    {
        using HostController controller = target.Connect(out HostQueue queue);
        HostCompletion completion = queue.Execute(HostCommands.Io(opcode, nsid, 0, 1), DataFor(opcode, 1));
        Assert.Equal(Statuses.Named(status).WithDoNotRetry(), completion.Status);
    }

    [Fact]
    public void Flush_of_all_namespaces_succeeds()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Flush(Broadcast)).Status);
    }

    public static TheoryData<IoOpcode, uint, ulong, int> RangeRows()
    {
        var rows = new TheoryData<IoOpcode, uint, ulong, int>();
        IoOpcode[] opcodes =
        [
            IoOpcode.Read, IoOpcode.Write, IoOpcode.Compare, IoOpcode.Verify, IoOpcode.WriteZeroes,
            IoOpcode.WriteUncorrectable,
        ];
        foreach (IoOpcode opcode in opcodes)
        {
            rows.Add(opcode, 1, Blocks1, 1);
            rows.Add(opcode, 1, Blocks1 - 1, 2);
            rows.Add(opcode, 1, Blocks1 - 127, 128);
            rows.Add(opcode, 2, Blocks2, 1);
            rows.Add(opcode, 2, Blocks2 - 7, 8);
            rows.Add(opcode, 1, ulong.MaxValue, 1);
            rows.Add(opcode, 1, ulong.MaxValue, 2);
            rows.Add(opcode, 1, ulong.MaxValue - 3, 8);
            rows.Add(opcode, 1, 1ul << 52, 1);
            rows.Add(opcode, 1, 1ul << 63, 1);
        }

        return rows;
    }

    [SkippableTheory]
    [MemberData(nameof(RangeRows))]
    public void A_range_beyond_the_namespace_is_out_of_range(IoOpcode opcode, uint nsid, ulong lba, int blocks)
    {
        TestDoor.SkipLonger(blocks * (nsid == 1 ? 4096 : 512));
        using HostController controller = target.Connect(out HostQueue queue);
        HostCompletion completion = queue.Execute(
            HostCommands.Io(opcode, nsid, lba, blocks), DataFor(opcode, blocks, nsid == 1 ? 4096 : 512));
        Assert.Equal(Status.LbaOutOfRange.WithDoNotRetry(), completion.Status);
    }

    [Theory]
    [InlineData(IoOpcode.Verify)]
    [InlineData(IoOpcode.WriteZeroes)]
    public void A_command_without_data_may_be_as_long_as_its_field_allows(IoOpcode opcode)
    {
        using HostController controller = target.Connect(out HostQueue queue);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Io(opcode, 2, 0, 32768)).Status);
        Assert.Equal(
            Status.LbaOutOfRange.WithDoNotRetry(), queue.Execute(HostCommands.Io(opcode, 2, 0, 65536)).Status);
    }

    [Theory]
    [InlineData(0x03)]
    [InlineData(0x06)]
    [InlineData(0x07)]
    [InlineData(0x0A)]
    [InlineData(0x0B)]
    [InlineData(0x10)]
    [InlineData(0x1A)]
    [InlineData(0x79)]
    [InlineData(0x7D)]
    [InlineData(0x80)]
    [InlineData(0xFC)]
    [InlineData(0xFF)]
    public void An_unknown_opcode_is_an_invalid_opcode(byte opcode)
    {
        using HostController controller = target.Connect(out HostQueue queue);
        var entry = new SubmissionEntry { Opcode = opcode, Nsid = 1 };
        Assert.Equal(Status.InvalidOpcode.WithDoNotRetry(), queue.Execute(entry).Status);
    }

    [Theory]
    [InlineData(AdminOpcode.CreateIoSubmissionQueue)]
    [InlineData(AdminOpcode.CreateIoCompletionQueue)]
    [InlineData(AdminOpcode.DeleteIoSubmissionQueue)]
    [InlineData(AdminOpcode.DeleteIoCompletionQueue)]
    [InlineData((AdminOpcode)0xFF)]
    public void What_is_no_admin_command_over_fabrics_is_an_invalid_opcode_on_the_admin_queue(AdminOpcode opcode)
    {
        using HostController controller = target.Connect();
        var entry = new SubmissionEntry { Opcode = (byte)opcode, Nsid = 1 };
        Assert.Equal(Status.InvalidOpcode.WithDoNotRetry(), controller.Admin.Execute(entry).Status);
    }

    [SkippableTheory]
    [InlineData(0x00, nameof(Status.InvalidField))]
    [InlineData(0xC0, nameof(Status.InvalidField))]
    [InlineData(0x44, nameof(Status.InvalidField))]
    [InlineData(0x60, nameof(Status.InvalidField))]
    [InlineData(0x43, nameof(Status.InvalidField))]
    [InlineData(0x42, nameof(Status.AbortedMissingFused))]
    [InlineData(0x40, nameof(Status.Success))]
    [InlineData(0x80, nameof(Status.Success))]
    public void Data_is_described_by_sgls_and_reserved_flags_are_zero(byte flags, string status)
    {
        TestDoor.SkipAtSpdks("SPDK looks at the flags of a command before the drive does", flags is 0x42 or 0x43);
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        SubmissionEntry entry = HostCommands.Flush(1);
        entry.Cid = 1;
        entry.Flags = flags;
        raw.Connection.Send(PduBuilder.CapsuleAsIs(entry));
        Status expected = Statuses.Named(status);
        Assert.Equal(expected.IsSuccess ? expected : expected.WithDoNotRetry(), raw.ReadResponse().Status);
    }

    [Theory]
    [InlineData(IoOpcode.Read, 16)]
    [InlineData(IoOpcode.Read, 20)]
    [InlineData(IoOpcode.Read, 25)]
    [InlineData(IoOpcode.Write, 19)]
    [InlineData(IoOpcode.Write, 25)]
    [InlineData(IoOpcode.WriteZeroes, 23)]
    [InlineData(IoOpcode.WriteUncorrectable, 16)]
    [InlineData(IoOpcode.WriteUncorrectable, 31)]
    [InlineData(IoOpcode.Verify, 25)]
    public void A_field_that_is_reserved_or_not_supported_is_an_invalid_field(IoOpcode opcode, int bitOfDword12)
    {
        using HostController controller = target.Connect(out HostQueue queue);
        SubmissionEntry entry = HostCommands.Io(opcode, 1, 50, 1);
        entry.Cdw12 |= 1u << bitOfDword12;
        Assert.Equal(Status.InvalidField.WithDoNotRetry(), queue.Execute(entry, DataFor(opcode, 1)).Status);
    }

    [Theory]
    [InlineData(IoOpcode.Read, NvmCommandFields.Fua | NvmCommandFields.Lr)]
    [InlineData(IoOpcode.Write, NvmCommandFields.Fua | NvmCommandFields.Lr)]
    [InlineData(IoOpcode.Read, NvmCommandFields.Prinfo | NvmCommandFields.Stc)]
    [InlineData(IoOpcode.Write, NvmCommandFields.Prinfo | NvmCommandFields.Stc)]
    [InlineData(IoOpcode.Write, NvmCommandFields.Dtype)]
    [InlineData(IoOpcode.WriteZeroes, NvmCommandFields.Deac)]
    public void Fields_that_ask_for_nothing_more_than_the_drive_does_are_taken(IoOpcode opcode, uint fields)
    {
        using HostController controller = target.Connect(out HostQueue queue);
        SubmissionEntry entry = HostCommands.Io(opcode, 1, 50, 1);
        entry.Cdw12 |= fields;
        Assert.Equal(Status.Success, queue.Execute(entry, DataFor(opcode, 1)).Status);
    }

    private static byte[] DataFor(IoOpcode opcode, int blocks, int blockBytes = 4096) => opcode switch
    {
        IoOpcode.Read or IoOpcode.Write or IoOpcode.Compare => new byte[blocks * blockBytes],
        IoOpcode.DatasetManagement => new byte[DsmRange.Size],
        IoOpcode.Copy => new byte[CopyDescriptor.Size],
        _ => [],
    };
}
