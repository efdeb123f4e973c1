using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Header and data digests (TCP Transport 1.1, 3.3.1.1).</summary>
public sealed class DigestTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const PduDigests Both = PduDigests.Header | PduDigests.Data;

    public static TheoryData<PduDigests, int> DigestsAndBlocks()
    {
        var rows = new TheoryData<PduDigests, int>();
        foreach (PduDigests digests in (PduDigests[])[PduDigests.None, PduDigests.Header, PduDigests.Data, Both])
        {
            foreach (int blocks in (int[])[1, 4, 5, 32, 128])
                rows.Add(digests, blocks);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(DigestsAndBlocks))]
    public void Data_goes_both_ways_whatever_digests_were_agreed(PduDigests digests, int blocks)
    {
        using HostController controller = target.Connect(out HostQueue queue, target.Host with { Digests = digests });
        byte[] written = new byte[blocks * 4096];
        byte[] read = new byte[written.Length];
        new SeededRandom((ulong)blocks).Fill(written);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Write(1, 3000, blocks), written).Status);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(1, 3000, blocks), read).Status);
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData(PduDigests.Header)]
    [InlineData(Both)]
    public void A_wrong_header_digest_of_a_capsule_terminates_the_connection(PduDigests digests)
    {
        using RawHost raw = target.ConnectRaw(digests);
        byte[] pdu = PduBuilder.Capsule(HostCommands.KeepAlive(), default, digests);
        pdu[CapsuleCmd.Size] ^= 1;
        uint received = BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(CapsuleCmd.Size));
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.HeaderDigestError, received, pdu);
        target.AssertServes();
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(71)]
    public void A_header_damaged_on_the_way_terminates_the_connection(int offset)
    {
        using RawHost raw = target.ConnectRaw(Both);
        byte[] pdu = PduBuilder.Capsule(HostCommands.KeepAlive(), default, Both);
        uint received = BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(CapsuleCmd.Size));
        pdu[offset] ^= 0x10;
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.HeaderDigestError, received, pdu);
    }

    [Fact]
    public void A_wrong_header_digest_of_data_terminates_the_connection()
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin, Both);
        using RawHost _ = admin;
        R2T request = raw.SendAndReadR2T(HostCommands.Write(1, 0, 8), 32768);
        byte[] pdu = PduBuilder.H2CData(request.Cccid, request.Ttag, 0, new byte[32768], isLast: true, Both);
        pdu[DataPdu.Size + 3] ^= 0x80;
        uint received = BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(DataPdu.Size));
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.HeaderDigestError, received, pdu);
    }

    [Theory]
    [InlineData(PduDigests.Data)]
    [InlineData(Both)]
    public void A_wrong_data_digest_in_a_capsule_fails_that_command_alone(PduDigests digests)
    {
        using RawHost raw = target.ConnectRaw(out RawHost admin, digests);
        using RawHost _ = admin;
        byte[] stored = Pattern(4096, seed: 5);
        Assert.Equal(Status.Success, raw.Execute(HostCommands.Write(1, 40, 1), stored).Status);

        SubmissionEntry entry = HostCommands.Write(1, 40, 1);
        entry.Cid = 0x7777;
        byte[] pdu = PduBuilder.Capsule(entry, new byte[4096], digests);
        pdu[^1] ^= 0x40;
        raw.Connection.Send(pdu);
        CompletionEntry response = raw.ReadResponse();
        Assert.Equal(0x7777, response.Cid.Value);
        Assert.Equal(Status.TransientTransportError, response.Status);
        AssertStored(raw, 40, stored);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_wrong_data_digest_in_one_of_three_data_pdus_fails_that_command_alone(int damaged)
    {
        const int part = 12 * 1024;
        using RawHost raw = target.ConnectRaw(out RawHost admin, Both);
        using RawHost _ = admin;
        byte[] stored = Pattern(3 * part, seed: 6);
        WriteWithDataPdus(raw, stored, damaged: -1);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);

        WriteWithDataPdus(raw, new byte[3 * part], damaged);
        Assert.Equal(Status.TransientTransportError, raw.ReadResponse().Status);
        AssertStored(raw, 60, stored);
    }

    [Fact]
    public void A_wrong_data_digest_of_a_connect_command_fails_it_and_it_can_be_sent_again()
    {
        using RawHost raw = target.OpenRaw(Both);
        byte[] pdu = raw.ConnectPdu(RawHost.ConnectCommandOf(0), raw.ConnectDataOf(ConnectData.AnyDynamicController));
        pdu[^1] ^= 1;
        raw.Connection.Send(pdu);
        Assert.Equal(Status.TransientTransportError, raw.ReadResponse().Status);
        raw.ConnectAdmin();
    }

    private static void WriteWithDataPdus(RawHost raw, byte[] data, int damaged)
    {
        int part = data.Length / 3;
        R2T request = raw.SendAndReadR2T(HostCommands.Write(1, 60, data.Length / 4096), data.Length);
        for (int i = 0; i < 3; i++)
        {
            byte[] pdu = PduBuilder.H2CData(
                request.Cccid, request.Ttag, i * part, data.AsSpan(i * part, part), isLast: i == 2, Both);
            if (i == damaged)
                pdu[^2] ^= 1;
            raw.Connection.Send(pdu);
        }
    }

    private static void AssertStored(RawHost raw, ulong lba, byte[] expected)
    {
        raw.SendWithDataPdus(HostCommands.Read(1, lba, expected.Length / 4096), expected.Length);
        ReceivedPdu pdu = raw.Read();
        Assert.Equal(expected, pdu.Data.ToArray());
        Assert.Equal(Status.Success, raw.ReadResponse().Status);
    }

    private static byte[] Pattern(int length, ulong seed)
    {
        byte[] data = new byte[length];
        new SeededRandom(seed).Fill(data);
        return data;
    }
}
