using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>H2CData against the R2T that asked for it (TCP Transport 1.1, 3.3.2.1 and 3.6.2.8).</summary>
public sealed class H2CDataTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const int Length = 64 * 1024;
    private const int FlagsOffset = 1;
    private const int PdoOffset = 3;
    private const int PlenOffset = 4;
    private const int CccidOffset = 8;
    private const int TtagOffset = 10;
    private const int DataoOffset = 12;
    private const int DatalOffset = 16;

    private static SubmissionEntry Write64K => HostCommands.Write(1, 100, Length / 4096);

    [Fact]
    public void The_request_names_command_range_and_tag()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        Assert.Equal(R2T.Size, request.Ch.Hlen);
        Assert.Equal((uint)R2T.Size, request.Ch.Plen.Value);
        Assert.Equal(0u, request.R2to.Value);
        Assert.Equal((uint)Length, request.R2tl.Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(64)]
    public void One_request_is_answered_by_as_many_pdus_as_the_host_likes(int pdus)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        byte[] data = Pattern();
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        SendInParts(raw, request, data, pdus);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
        AssertStored(raw, data);
    }

    [Fact]
    public void Requests_of_several_commands_are_answered_in_any_order_and_interleaved()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        byte[] data = Pattern();
        R2T first = raw.SendAndReadR2T(HostCommands.Write(1, 100, 8), Length / 2);
        R2T second = raw.SendAndReadR2T(HostCommands.Write(1, 108, 8), Length / 2);
        Assert.NotEqual(first.Ttag.Value, second.Ttag.Value);

        const int quarter = Length / 4;
        raw.Connection.Send(DataFor(second, 0, data.AsSpan(2 * quarter, quarter), isLast: false));
        raw.Connection.Send(DataFor(first, 0, data.AsSpan(0, quarter), isLast: false));
        raw.Connection.Send(DataFor(second, quarter, data.AsSpan(3 * quarter, quarter), isLast: true));
        Assert.Equal(second.Cccid.Value, raw.ReadResponse().Cid.Value);
        raw.Connection.Send(DataFor(first, quarter, data.AsSpan(quarter, quarter), isLast: true));
        Assert.Equal(first.Cccid.Value, raw.ReadResponse().Cid.Value);
        AssertStored(raw, data);
    }

    [Theory]
    [InlineData(TtagOffset, 1u, FatalErrorStatus.InvalidPduHeaderField, TtagOffset)]
    [InlineData(TtagOffset, 0xFFFFu, FatalErrorStatus.InvalidPduHeaderField, TtagOffset)]
    [InlineData(CccidOffset, 1u, FatalErrorStatus.InvalidPduHeaderField, CccidOffset)]
    [InlineData(DataoOffset, 4u, FatalErrorStatus.DataTransferOutOfRange, DataoOffset)]
    [InlineData(DataoOffset, 0xFFFF_F000u, FatalErrorStatus.DataTransferOutOfRange, DataoOffset)]
    [InlineData(DatalOffset, 0x1_0000u ^ 0xFFFFu, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    [InlineData(DatalOffset, 0x1_0000u, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    [InlineData(PlenOffset, 1u, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    [InlineData(PdoOffset, 4u, FatalErrorStatus.InvalidPduHeaderField, PdoOffset)]
    [InlineData(PdoOffset, 0x18u, FatalErrorStatus.InvalidPduHeaderField, PdoOffset)]
    [InlineData(FlagsOffset, (uint)PduFlags.LastPdu, FatalErrorStatus.InvalidPduHeaderField, FlagsOffset)]
    [InlineData(FlagsOffset, (uint)PduFlags.Success, FatalErrorStatus.InvalidPduHeaderField, FlagsOffset)]
    [InlineData(FlagsOffset, (uint)PduFlags.DataDigest, FatalErrorStatus.InvalidPduHeaderField, FlagsOffset)]
    [InlineData(FlagsOffset, (uint)PduFlags.HeaderDigest, FatalErrorStatus.InvalidPduHeaderField, FlagsOffset)]
    public void A_header_with_one_field_changed_terminates_the_connection(
        int offset, uint changedBits, FatalErrorStatus status, uint information)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        byte[] pdu = DataFor(request, 0, Pattern(), isLast: true);
        for (int i = 0; changedBits >> (8 * i) != 0 && i < 4; i++)
            pdu[offset + i] ^= (byte)(changedBits >> (8 * i));
        raw.Connection.Send(pdu);
        raw.AssertTerminated(status, information, pdu);
        target.AssertServes();
    }

    [Fact]
    public void Data_out_of_order_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        raw.Connection.Send(DataFor(request, 0, new byte[4096], isLast: false));
        byte[] again = DataFor(request, 0, new byte[4096], isLast: false);
        raw.Connection.Send(again);
        raw.AssertTerminated(FatalErrorStatus.DataTransferOutOfRange, DataoOffset, again);
    }

    [Fact]
    public void More_data_than_was_asked_for_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        raw.Connection.Send(DataFor(request, 0, new byte[Length - 4096], isLast: false));
        byte[] pdu = DataFor(request, Length - 4096, new byte[4100], isLast: true);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.DataTransferOutOfRange, DataoOffset, pdu);
    }

    [Fact]
    public void A_last_flag_before_the_end_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        byte[] pdu = DataFor(request, 0, new byte[4096], isLast: true);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, FlagsOffset, pdu);
    }

    [Fact]
    public void A_pdu_without_data_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        byte[] pdu = DataFor(request, 0, default, isLast: false);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, PlenOffset, pdu);
    }

    [Fact]
    public void Data_that_nobody_asked_for_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        byte[] pdu = PduBuilder.H2CData(1, 0, 0, new byte[4096], isLast: true);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, TtagOffset, pdu);
    }

    [Fact]
    public void Data_for_a_request_that_was_served_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        byte[] pdu = DataFor(request, 0, Pattern(), isLast: true);
        raw.Connection.Send(pdu);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, TtagOffset, pdu);
    }

    [Fact]
    public void A_pdu_longer_than_the_limit_of_the_controller_terminates_the_connection()
    {
        using var limited = new TestTarget(options => options with { MaxH2CDataBytes = 8192 });
        using RawHost raw = limited.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(Write64K, Length);
        raw.Connection.Send(DataFor(request, 0, new byte[8192], isLast: false));
        byte[] pdu = DataFor(request, 8192, new byte[8196], isLast: false);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.LimitExceeded, DatalOffset, pdu);
        limited.AssertServes();
    }

    [Fact]
    public void Data_of_a_terminated_connection_is_not_written()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        byte[] before = Pattern(seed: 99);
        SendInParts(raw, raw.SendAndReadR2T(Write64K, Length), before, 1);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);

        R2T request = raw.SendAndReadR2T(Write64K, Length);
        raw.Connection.Send(DataFor(request, 0, new byte[Length / 2], isLast: false));
        byte[] pdu = DataFor(request, 0, new byte[Length / 2], isLast: true);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.DataTransferOutOfRange, DataoOffset, pdu);

        using RawHost next = target.ConnectRaw(out RawHost nextAdmin);
        using RawHost __ = nextAdmin;
        AssertStored(next, before);
    }

    private static byte[] DataFor(R2T request, int offset, ReadOnlySpan<byte> data, bool isLast) =>
        PduBuilder.H2CData(request.Cccid, request.Ttag, offset, data, isLast);

    private static void SendInParts(RawHost raw, R2T request, byte[] data, int parts)
    {
        int step = Length / parts / 4 * 4;
        for (int i = 0; i < parts; i++)
        {
            int end = i == parts - 1 ? Length : (i + 1) * step;
            raw.Connection.Send(DataFor(request, i * step, data.AsSpan(i * step, end - (i * step)), end == Length));
        }
    }

    private static void AssertStored(RawHost raw, byte[] expected)
    {
        raw.SendWithDataPdus(HostCommands.Read(1, 100, Length / 4096), Length);
        Assert.Equal(expected, raw.Read().Data.ToArray());
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }

    private static byte[] Pattern(ulong seed = 1)
    {
        byte[] data = new byte[Length];
        new Core.SeededRandom(seed).Fill(data);
        return data;
    }
}
