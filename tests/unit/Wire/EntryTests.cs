using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public sealed class EntryTests
{
    [Fact]
    public void Integers_are_stored_least_significant_byte_first()
    {
        Span<byte> buffer = stackalloc byte[30];
        WireStruct.Write(buffer, (U16Le)0x0102);
        WireStruct.Write(buffer[2..], (U32Le)0x01020304);
        WireStruct.Write(buffer[6..], (U64Le)0x0102030405060708);
        WireStruct.Write(buffer[14..], (U128Le)new UInt128(0x0102030405060708, 0x090A0B0C0D0E0F10));

        Assert.Equal("0201" + "04030201" + "0807060504030201" + "100F0E0D0C0B0A090807060504030201",
            Convert.ToHexString(buffer));
        Assert.Equal(0x01020304u, WireStruct.Read<U32Le>(buffer[2..]).Value);
        Assert.Equal(new UInt128(0x0102030405060708, 0x090A0B0C0D0E0F10), WireStruct.Read<U128Le>(buffer[14..]).Value);
    }

    [Fact]
    public void A_view_writes_through_to_its_buffer()
    {
        byte[] buffer = new byte[SubmissionEntry.Size];

        WireStruct.As<SubmissionEntry>(buffer).Nsid = 0xFFFFFFFF;

        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], buffer[4..8]);
    }

    [Fact]
    public void A_buffer_shorter_than_the_structure_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStruct.As<SubmissionEntry>(new byte[63]));

    [Fact]
    public void Completion_keeps_phase_and_status_apart()
    {
        CompletionEntry entry = default;
        entry.StatusField = 1;
        entry.Status = Status.LbaOutOfRange.WithDoNotRetry();

        Assert.Equal(0x8101, entry.StatusField.Value);
        Assert.Equal(Status.LbaOutOfRange.WithDoNotRetry(), entry.Status);
    }

    [Fact]
    public void Completion_holds_a_property_in_its_first_two_dwords()
    {
        CompletionEntry entry = default;
        entry.Dw0And1 = 0x1122334455667788;

        Assert.Equal(0x55667788u, entry.Dw0.Value);
        Assert.Equal(0x11223344u, entry.Dw1.Value);
        Assert.Equal(0x1122334455667788ul, entry.Dw0And1);
    }

    [Theory]
    [InlineData(0x40, FusedOperation.Normal, DataTransferFormat.SglWithMetadataBuffer)]
    [InlineData(0x81, FusedOperation.First, DataTransferFormat.SglWithMetadataSegment)]
    [InlineData(0x02, FusedOperation.Second, DataTransferFormat.Prp)]
    [InlineData(0xC3, FusedOperation.Reserved, DataTransferFormat.Reserved)]
    public void Flags_of_a_command_split_into_fuse_and_psdt(byte flags, FusedOperation fuse, DataTransferFormat psdt)
    {
        SubmissionEntry read = default;
        read.Flags = flags;
        Assert.Equal((fuse, psdt), (read.Fuse, read.Psdt));

        SubmissionEntry written = default;
        written.Fuse = fuse;
        written.Psdt = psdt;
        Assert.Equal(flags, written.Flags);
    }

    [Fact]
    public void Pairs_of_dwords_read_as_one_number()
    {
        SubmissionEntry entry = default;
        entry.Cdw10And11 = 0x0000000112345678;
        entry.Cdw12And13 = 0xFEDCBA9800000010;

        Assert.Equal((0x12345678u, 1u), (entry.Cdw10.Value, entry.Cdw11.Value));
        Assert.Equal((0x10u, 0xFEDCBA98u), (entry.Cdw12.Value, entry.Cdw13.Value));
        Assert.Equal(0x0000000112345678ul, entry.Cdw10And11);
        Assert.Equal(0xFEDCBA9800000010ul, entry.Cdw12And13);
    }

    // What Linux sends: data in the capsule, and a transport data block.
    [Theory]
    [InlineData(0x01, SglDescriptorType.DataBlock, SglSubType.Offset)]
    [InlineData(0x5A, SglDescriptorType.TransportDataBlock, SglSubType.TransportSpecific)]
    public void Identifier_of_a_descriptor_splits_into_type_and_sub_type(
        byte identifier, SglDescriptorType type, SglSubType subType)
    {
        SglDescriptor read = default;
        read.Identifier = identifier;
        Assert.Equal((type, subType), (read.Type, read.SubType));

        SglDescriptor written = default;
        written.Type = type;
        written.SubType = subType;
        Assert.Equal(identifier, written.Identifier);
    }

    [Fact]
    public void Event_result_packs_type_information_and_log_page() =>
        Assert.Equal(0x000C0302u, new AsyncEventResult(
            AsyncEventType.Notice,
            (byte)AsyncNotice.AsymmetricNamespaceAccessChange,
            LogPageId.AsymmetricNamespaceAccess).Dw0);

    [Fact]
    public void Connect_result_tells_where_the_invalid_parameter_is()
    {
        Assert.Equal(42u, ConnectResult.InvalidCommandParameter(42));
        Assert.Equal(0x00010100u, ConnectResult.InvalidDataParameter(256));
    }
}
