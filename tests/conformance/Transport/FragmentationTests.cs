using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>TCP is a stream: where one receive ends and the next begins means nothing (TCP Transport 1.1, 3.3).</summary>
public sealed class FragmentationTests : IDisposable
{
    private const PduDigests Both = PduDigests.Header | PduDigests.Data;
    private const int BlockBytes = 512;
    private const uint Nsid = 2;

    private readonly TestTarget _target = new(TestTarget.SmallDrive with { InCapsuleDataBytes = 2 * BlockBytes });
    private readonly HostController _companion;
    private readonly Fragmenter _fragmenter;

    public FragmentationTests()
    {
        _companion = _target.Connect();
        _fragmenter = new Fragmenter(_companion.Admin);
    }

    public void Dispose()
    {
        _companion.Dispose();
        _target.Dispose();
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void An_initialize_request_may_be_split_at_every_byte(PduDigests digests)
    {
        byte[] request = PduBuilder.IcReq(digests);
        for (int splitAt = 1; splitAt < request.Length; splitAt++)
        {
            using var raw = new RawHost(_target.EndPoint, _target.Drive.Nqn, digests);
            _fragmenter.Send(raw.Connection, request, splitAt);
            Assert.Equal(PduType.IcResp, raw.Read().Type);
        }
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void A_connect_command_may_be_split_at_every_byte(PduDigests digests)
    {
        using RawHost probe = _target.OpenRaw(digests);
        int length = probe.ConnectPdu(RawHost.ConnectCommandOf(0), default).Length;
        for (int splitAt = 1; splitAt < length; splitAt++)
        {
            using RawHost raw = _target.OpenRaw(digests);
            byte[] pdu = raw.ConnectPdu(RawHost.ConnectCommandOf(0), raw.ConnectDataOf(ConnectData.AnyDynamicController));
            _fragmenter.Send(raw.Connection, pdu, splitAt);
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        }
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void A_write_with_data_in_the_capsule_may_be_split_at_every_byte(PduDigests digests)
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin, digests);
        using RawHost _ = admin;
        byte[] data = new byte[BlockBytes];
        int length = PduBuilder.Capsule(default, data, digests).Length;
        for (int splitAt = 1; splitAt < length; splitAt++)
        {
            FillFor(splitAt, data);
            _fragmenter.Send(raw.Connection, PduBuilder.Capsule(Write(splitAt, 1), data, digests), splitAt);
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        }

        AssertStored(raw, length - 1, 1);
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void Data_of_a_write_may_be_split_at_every_byte(PduDigests digests)
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin, digests);
        using RawHost _ = admin;
        byte[] data = new byte[BlockBytes];
        int length = PduBuilder.H2CData(0, 0, 0, data, true, digests).Length;
        for (int splitAt = 1; splitAt < length; splitAt++)
        {
            FillFor(splitAt, data);
            R2T request = raw.SendAndReadR2T(Write(splitAt, 1), BlockBytes);
            byte[] pdu = PduBuilder.H2CData(request.Cccid, request.Ttag, 0, data, isLast: true, digests);
            _fragmenter.Send(raw.Connection, pdu, splitAt);
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        }

        AssertStored(raw, length - 1, 1);
    }

    [Fact]
    public void A_long_data_pdu_may_be_split_near_every_limit_of_a_buffer()
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin, Both);
        using RawHost _ = admin;
        byte[] data = new byte[128 * 1024];
        int[] limits = [DataPdu.Size + 4, 16 * 1024, 32 * 1024, 64 * 1024, data.Length, data.Length + 28];
        foreach (int splitAt in limits.SelectMany(limit => Enumerable.Range(limit - 5, 10)))
        {
            new SeededRandom((ulong)splitAt).Fill(data);
            R2T request = raw.SendAndReadR2T(HostCommands.Write(1, 0, 32), data.Length);
            byte[] pdu = PduBuilder.H2CData(request.Cccid, request.Ttag, 0, data, isLast: true, Both);
            _fragmenter.Send(raw.Connection, pdu, Math.Min(splitAt, pdu.Length - 1));
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
            raw.SendWithDataPdus(HostCommands.Read(1, 0, 32), data.Length);
            Assert.Equal(data, raw.Read().Data.ToArray());
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        }
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void A_whole_session_may_arrive_byte_by_byte(PduDigests digests)
    {
        using var admin = new RawHost(_target.EndPoint, _target.Drive.Nqn, digests);
        _fragmenter.SendByteByByte(admin.Connection, PduBuilder.IcReq(digests));
        Assert.Equal(PduType.IcResp, admin.Read().Type);
        byte[] connect = admin.ConnectPdu(
            RawHost.ConnectCommandOf(0), admin.ConnectDataOf(ConnectData.AnyDynamicController));
        _fragmenter.SendByteByByte(admin.Connection, connect);
        CompletionEntry connected = admin.ReadResponse();
        Assert.Equal(Status.Success, connected.Status);
        _fragmenter.SendByteByByte(admin.Connection, PduBuilder.Capsule(RawHost.EnableCommand, default, digests));
        Assert.Equal(Status.Success, admin.ReadResponse().Status);

        using RawHost raw = _target.OpenRaw(digests);
        raw.ConnectIo((ushort)connected.Dw0, 1);
        byte[] data = new byte[2 * BlockBytes];
        new SeededRandom(1).Fill(data);
        _fragmenter.SendByteByByte(raw.Connection, PduBuilder.Capsule(Write(0, 2), data, digests));
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
        SubmissionEntry read = HostCommands.Read(Nsid, 0, 2);
        read.Sgl1 = PduBuilder.InDataPdus((uint)data.Length);
        _fragmenter.SendByteByByte(raw.Connection, PduBuilder.Capsule(read, default, digests));
        Assert.Equal(data, raw.Read().Data.ToArray());
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void Many_pdus_may_arrive_in_one_piece(PduDigests digests)
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin, digests);
        using RawHost _ = admin;
        var stream = new List<byte>();
        const int commands = 30;
        byte[] data = new byte[BlockBytes];
        for (ushort i = 0; i < commands; i++)
        {
            SubmissionEntry write = Write(i, 1);
            write.Cid = i;
            FillFor(i, data);
            stream.AddRange(PduBuilder.Capsule(write, data, digests));
        }

        raw.Connection.Send(stream.ToArray());
        for (ushort i = 0; i < commands; i++)
        {
            CompletionEntry response = raw.ReadResponse();
            Assert.Equal((i, Status.Success), (response.Cid.Value, response.Status));
        }

        AssertStored(raw, commands - 1, 1);
    }

    [Theory]
    [InlineData(PduDigests.None)]
    [InlineData(Both)]
    public void Data_of_several_commands_and_further_commands_may_arrive_in_one_piece(PduDigests digests)
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin, digests);
        using RawHost _ = admin;
        byte[] data = new byte[BlockBytes];
        var stream = new List<byte>();
        const int commands = 8;
        for (int i = 0; i < commands; i++)
        {
            R2T request = raw.SendAndReadR2T(Write(i, 1), BlockBytes);
            FillFor(i, data);
            stream.AddRange(PduBuilder.H2CData(request.Cccid, request.Ttag, 0, data, isLast: true, digests));
            stream.AddRange(PduBuilder.Capsule(HostCommands.Flush(Nsid), default, digests));
        }

        raw.Connection.Send(stream.ToArray());
        for (int i = 0; i < 2 * commands; i++)
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        AssertStored(raw, commands - 1, 1);
    }

    [Fact]
    public void Everything_from_the_first_byte_to_the_first_identify_may_arrive_in_one_piece()
    {
        using var raw = new RawHost(_target.EndPoint, _target.Drive.Nqn, PduDigests.None);
        SubmissionEntry identify = HostCommands.Identify(IdentifyCns.Controller);
        identify.Sgl1 = PduBuilder.InDataPdus(IdentifyController.Size);
        raw.Connection.Send(
        [
            .. PduBuilder.IcReq(),
            .. raw.ConnectPdu(RawHost.ConnectCommandOf(0), raw.ConnectDataOf(ConnectData.AnyDynamicController)),
            .. PduBuilder.Capsule(RawHost.EnableCommand),
            .. PduBuilder.Capsule(identify),
        ]);
        Assert.Equal(PduType.IcResp, raw.Read().Type);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
        Assert.Equal(IdentifyController.Size, raw.Read().Data.Length);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }

    private static SubmissionEntry Write(int lba, int blocks) => HostCommands.Write(Nsid, (ulong)lba, blocks);

    private static void FillFor(int lba, byte[] data) => new SeededRandom((ulong)lba + 1000).Fill(data);

    private static void AssertStored(RawHost raw, int lba, int blocks)
    {
        byte[] expected = new byte[blocks * BlockBytes];
        FillFor(lba, expected);
        raw.SendWithDataPdus(HostCommands.Read(Nsid, (ulong)lba, blocks), expected.Length);
        Assert.Equal(expected, raw.Read().Data.ToArray());
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }
}
