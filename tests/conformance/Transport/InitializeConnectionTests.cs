using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>ICReq and ICResp (TCP Transport 1.1, 3.6.2.2 and 3.6.2.3).</summary>
public sealed class InitializeConnectionTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const int HlenOffset = 2;
    private const int PlenOffset = 4;
    private const int PfvOffset = 8;
    private const int HpdaOffset = 10;
    private const int DigestOffset = 11;

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(PduDigests.Header)]
    [InlineData(PduDigests.Data)]
    [InlineData(PduDigests.Header | PduDigests.Data)]
    public void The_response_takes_the_digests_that_the_host_asked_for(PduDigests digests)
    {
        using var raw = new RawHost(target.EndPoint, target.Drive.Nqn, digests);
        IcResp response = raw.Initialize();

        Assert.Equal(PduType.IcResp, response.Ch.PduType);
        Assert.Equal(PduFlags.None, response.Ch.Flags);
        Assert.Equal(IcResp.Size, response.Ch.Hlen);
        Assert.Equal((uint)IcResp.Size, response.Ch.Plen.Value);
        Assert.Equal(0, response.Pfv.Value);
        Assert.Equal(0, response.Cpda);
        Assert.Equal(digests, response.Dgst);
        Assert.InRange(response.Maxh2cdata.Value, 4096u, uint.MaxValue);
        Assert.Equal(0u, response.Maxh2cdata.Value % 4);
    }

    [Theory]
    [InlineData(PfvOffset, 1, FatalErrorStatus.UnsupportedParameter, PfvOffset)]
    [InlineData(PfvOffset + 1, 1, FatalErrorStatus.UnsupportedParameter, PfvOffset)]
    [InlineData(HpdaOffset, 32, FatalErrorStatus.InvalidPduHeaderField, HpdaOffset)]
    [InlineData(HpdaOffset, 255, FatalErrorStatus.InvalidPduHeaderField, HpdaOffset)]
    [InlineData(DigestOffset, 4, FatalErrorStatus.InvalidPduHeaderField, DigestOffset)]
    [InlineData(HlenOffset, 127, FatalErrorStatus.InvalidPduHeaderField, HlenOffset)]
    [InlineData(HlenOffset, 0, FatalErrorStatus.InvalidPduHeaderField, HlenOffset)]
    [InlineData(PlenOffset, 127, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    [InlineData(PlenOffset, 129, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    [InlineData(PlenOffset, 0, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    [InlineData(PlenOffset + 3, 255, FatalErrorStatus.InvalidPduHeaderField, PlenOffset)]
    public void A_malformed_request_terminates_the_connection(
        int offset, byte value, FatalErrorStatus status, uint information)
    {
        using var raw = new RawHost(target.EndPoint, target.Drive.Nqn, PduDigests.None);
        byte[] request = PduBuilder.IcReq();
        request[offset] = value;
        raw.Connection.Send(request);
        raw.AssertTerminated(status, information, request);
        target.AssertServes();
    }

    [Fact]
    public void A_second_request_is_out_of_sequence()
    {
        using RawHost raw = target.OpenRaw();
        byte[] request = PduBuilder.IcReq();
        raw.Connection.Send(request);
        raw.AssertTerminated(FatalErrorStatus.PduSequenceError, 0, request);
    }

    [Fact]
    public void A_second_request_is_out_of_sequence_on_a_connected_queue()
    {
        using RawHost raw = target.ConnectRaw();
        byte[] request = PduBuilder.IcReq();
        raw.Connection.Send(request);
        raw.AssertTerminated(FatalErrorStatus.PduSequenceError, 0, request);
    }

    [Theory]
    [InlineData(PduType.CapsuleCmd)]
    [InlineData(PduType.H2CData)]
    public void Any_other_pdu_before_the_request_is_out_of_sequence(PduType type)
    {
        using var raw = new RawHost(target.EndPoint, target.Drive.Nqn, PduDigests.None);
        byte[] pdu = type == PduType.CapsuleCmd
            ? PduBuilder.Capsule(HostCommands.KeepAlive())
            : PduBuilder.H2CData(1, 0, 0, new byte[4], isLast: true);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.PduSequenceError, 0, pdu);
    }

    [Fact]
    public void Bytes_that_are_no_pdu_at_all_terminate_the_connection()
    {
        using var raw = new RawHost(target.EndPoint, target.Drive.Nqn, PduDigests.None);
        byte[] text = "GET / HTTP/1.1\r\nHost: drive\r\n\r\n"u8.ToArray();
        raw.Connection.Send(text);
        raw.AssertTerminated(FatalErrorStatus.InvalidPduHeaderField, 0, text);
    }

    /// <summary>HPDA: data of C2HData starts at a multiple of 4 * (HPDA + 1) bytes, padding before it.</summary>
    [Theory]
    [InlineData(0, PduDigests.None, 24)]
    [InlineData(0, PduDigests.Header, 28)]
    [InlineData(7, PduDigests.None, 32)]
    [InlineData(7, PduDigests.Header | PduDigests.Data, 32)]
    [InlineData(15, PduDigests.None, 64)]
    [InlineData(31, PduDigests.Header | PduDigests.Data, 128)]
    public void Data_is_aligned_as_the_host_asks(byte hpda, PduDigests digests, int dataOffset)
    {
        using RawHost admin = target.ConnectRaw();
        using var raw = new RawHost(target.EndPoint, target.Drive.Nqn, digests);
        raw.Connection.Send(PduBuilder.IcReq(digests, hpda));
        Assert.Equal(PduType.IcResp, raw.Connection.Read()?.Type);
        raw.ConnectIo(admin.ControllerId, 1);

        byte[] block = new byte[4096];
        block.AsSpan().Fill(0x5A);
        Assert.True(raw.Execute(HostCommands.Write(1, 5, 1), block).Status.IsSuccess);
        raw.SendWithDataPdus(HostCommands.Read(1, 5, 1), block.Length);
        ReceivedPdu data = raw.Read();
        Assert.Equal(PduType.C2HData, data.Type);
        Assert.Equal(dataOffset, data.Header.Pdo);
        Assert.Equal(block, data.Data.ToArray());
        Assert.True(raw.ReadResponse().Status.IsSuccess);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    public void A_host_that_never_completes_its_request_is_dropped_after_the_connect_timeout(int bytes)
    {
        using var hasty = new TestTarget(options => options with { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        using var raw = new RawHost(hasty.EndPoint, hasty.Drive.Nqn, PduDigests.None);
        raw.Connection.Send(PduBuilder.IcReq().AsSpan(0, bytes));
        raw.AssertClosed();
    }

    [Fact]
    public void A_host_that_never_connects_a_queue_is_dropped_after_the_connect_timeout()
    {
        using var hasty = new TestTarget(options => options with { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        using RawHost raw = hasty.OpenRaw();
        raw.AssertClosed();
    }

    [Fact]
    public void A_connection_too_many_is_closed_at_once_and_the_others_go_on()
    {
        using var small = new TestTarget(options => options with { MaxConnections = 2 });
        using HostController controller = small.Connect(out HostQueue queue);
        using var raw = new RawHost(small.EndPoint, small.Drive.Nqn, PduDigests.None);
        raw.AssertClosed();
        new Bystander(queue).AssertUndisturbed();
    }
}
