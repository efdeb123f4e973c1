using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The common header of the PDUs that a connected host sends (TCP Transport 1.1, 3.6.1).</summary>
public sealed class CommonHeaderTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const int TypeOffset = 0;
    private const int FlagsOffset = 1;
    private const int HlenOffset = 2;
    private const int PdoOffset = 3;
    private const int PlenOffset = 4;

    [Theory]
    [InlineData(PduType.IcResp)]
    [InlineData(PduType.C2HTermReq)]
    [InlineData(PduType.CapsuleResp)]
    [InlineData(PduType.C2HData)]
    [InlineData((PduType)0x08)]
    [InlineData(PduType.R2T)]
    [InlineData(PduType.KdReq)]
    [InlineData(PduType.KdResp)]
    [InlineData((PduType)0x0C)]
    [InlineData((PduType)0xFF)]
    public void A_type_that_hosts_do_not_send_terminates_the_connection(PduType type)
    {
        byte[] pdu = PduBuilder.Capsule(HostCommands.KeepAlive());
        pdu[TypeOffset] = (byte)type;
        AssertTerminates(pdu, PduDigests.None, TypeOffset);
    }

    [Theory]
    [InlineData(HlenOffset, 0u)]
    [InlineData(HlenOffset, 24u)]
    [InlineData(HlenOffset, 71u)]
    [InlineData(HlenOffset, 73u)]
    [InlineData(HlenOffset, 255u)]
    [InlineData(PlenOffset, 0u)]
    [InlineData(PlenOffset, 8u)]
    [InlineData(PlenOffset, 71u)]
    [InlineData(PlenOffset, 72u + (16 * 1024) + 5)]
    [InlineData(PlenOffset, 0x7FFF_FFFFu)]
    [InlineData(PlenOffset, 0xFFFF_FFFFu)]
    [InlineData(FlagsOffset, (uint)PduFlags.HeaderDigest)]
    [InlineData(FlagsOffset, (uint)PduFlags.DataDigest)]
    [InlineData(FlagsOffset, (uint)PduFlags.LastPdu)]
    [InlineData(FlagsOffset, (uint)PduFlags.Success)]
    [InlineData(FlagsOffset, 0x80u)]
    public void A_capsule_without_data_needs_the_one_header_there_is(int offset, uint value)
    {
        byte[] pdu = PduBuilder.Capsule(HostCommands.KeepAlive());
        if (offset == PlenOffset)
            WireStruct.As<CommonHeader>(pdu).Plen = value;
        else
            pdu[offset] = (byte)value;
        AssertTerminates(pdu, PduDigests.None, offset);
    }

    [Theory]
    [InlineData(PduDigests.None, 0)]
    [InlineData(PduDigests.None, 71)]
    [InlineData(PduDigests.None, 76)]
    [InlineData(PduDigests.Header, 72)]
    [InlineData(PduDigests.Header, 80)]
    public void Data_in_a_capsule_starts_right_after_the_header(PduDigests digests, byte dataOffset)
    {
        byte[] pdu = PduBuilder.Capsule(HostCommands.Write(1, 0, 1), new byte[4096], digests);
        pdu[PdoOffset] = dataOffset;
        PduBuilder.SealHeader(pdu);
        AssertTerminates(pdu, digests, PdoOffset);
    }

    [Theory]
    [InlineData(PduDigests.Header, PduDigests.None)]
    [InlineData(PduDigests.Header | PduDigests.Data, PduDigests.Header)]
    [InlineData(PduDigests.Data, PduDigests.None)]
    [InlineData(PduDigests.None, PduDigests.Data)]
    [InlineData(PduDigests.None, PduDigests.Header)]
    public void A_capsule_has_the_digests_that_were_agreed(PduDigests agreed, PduDigests sent)
    {
        byte[] pdu = PduBuilder.Capsule(HostCommands.Write(1, 0, 1), new byte[4096], sent);
        AssertTerminates(pdu, agreed, FlagsOffset);
    }

    [Fact]
    public void A_data_digest_without_data_terminates_the_connection()
    {
        byte[] pdu = [.. PduBuilder.Capsule(HostCommands.KeepAlive()), 0, 0, 0, 0];
        ref CommonHeader header = ref WireStruct.As<CommonHeader>(pdu);
        header.Plen = (uint)pdu.Length;
        header.Flags = PduFlags.DataDigest;
        AssertTerminates(pdu, PduDigests.Data, FlagsOffset);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(24 + 72)]
    [InlineData(24 + 128)]
    public void A_terminate_request_of_the_host_ends_the_connection_without_an_answer(int length)
    {
        using RawHost raw = target.ConnectRaw();
        byte[] header = new byte[length - TermReq.Size];
        raw.Connection.Send(PduBuilder.H2CTermReq(FatalErrorStatus.PduSequenceError, 0, header));
        Assert.Null(raw.Connection.Read());
        target.AssertServes();
    }

    [Theory]
    [InlineData(PlenOffset, 23)]
    [InlineData(PlenOffset, 24 + 129)]
    [InlineData(HlenOffset, 23)]
    public void A_malformed_terminate_request_is_terminated_itself(int offset, byte value)
    {
        byte[] pdu = PduBuilder.H2CTermReq(FatalErrorStatus.PduSequenceError, 0, new byte[128]);
        pdu[offset] = value;
        AssertTerminates(pdu, PduDigests.None, offset);
    }

    [Theory]
    [InlineData(FatalErrorStatus.InvalidPduHeaderField)]
    [InlineData((FatalErrorStatus)0)]
    [InlineData((FatalErrorStatus)0xFFFF)]
    public void A_terminate_request_counts_before_the_queue_is_connected_too(FatalErrorStatus status)
    {
        using RawHost raw = target.OpenRaw();
        raw.Connection.Send(PduBuilder.H2CTermReq(status, 0, default));
        Assert.Null(raw.Connection.Read());
    }

    private void AssertTerminates(byte[] pdu, PduDigests agreed, int fieldOffset)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin, agreed);
        using (admin)
        {
            raw.Connection.Send(pdu);
            raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, (uint)fieldOffset, pdu);
            Assert.True(admin.Execute(HostCommands.KeepAlive()).Status.IsSuccess);
        }
    }
}
