using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The host side against controllers that break the rules (TCP Transport 1.1, 3.6).</summary>
public sealed class HostQueueTests
{
    private const int Length = 8192;

    private static SubmissionEntry Read8K => HostCommands.Read(1, 0, 2);

    private static SubmissionEntry Write8K => HostCommands.Write(1, 0, 2);

    public static TheoryData<string, FatalErrorStatus, uint, bool, Func<FakeController, byte[]>> Violations() => new()
    {
        { "a PDU of the host", FatalErrorStatus.InvalidPduHeaderField, 0, true, _ => PduBuilder.IcReq() },
        { "an unknown PDU", FatalErrorStatus.InvalidPduHeaderField, 0, true, fake => Changed(fake.DataFor(0, Length), 0, 0xF0) },
        { "HLEN", FatalErrorStatus.InvalidPduHeaderField, 2, true, fake => Changed(fake.DataFor(0, Length), 2, 1) },
        { "PDO", FatalErrorStatus.InvalidPduHeaderField, 3, true, fake => Changed(fake.DataFor(0, Length), 3, 4) },
        { "PLEN", FatalErrorStatus.InvalidPduHeaderField, 4, true, fake => Changed(fake.DataFor(0, Length), 4, 4) },
        { "CCCID", FatalErrorStatus.InvalidPduHeaderField, 8, true, fake => Changed(fake.DataFor(0, Length), 8, 1) },
        { "generation", FatalErrorStatus.InvalidPduHeaderField, 8, true, fake => Changed(fake.DataFor(0, Length), 9, 0x10) },
        { "SUCCESS alone", FatalErrorStatus.InvalidPduHeaderField, 1, true, fake => fake.DataFor(0, Length, PduFlags.Success) },
        { "a digest", FatalErrorStatus.InvalidPduHeaderField, 1, true, fake => fake.DataFor(0, Length, PduFlags.DataDigest) },
        { "DATAO", FatalErrorStatus.DataTransferOutOfRange, 12, true, fake => fake.DataFor(4, 4096) },
        { "too much", FatalErrorStatus.DataTransferOutOfRange, 12, true, fake => fake.DataFor(0, Length + 4) },
        { "an R2T for a read", FatalErrorStatus.PduSequenceError, 0, true, fake => fake.R2TFor(0, Length) },
        { "data for a write", FatalErrorStatus.PduSequenceError, 0, false, fake => fake.DataFor(0, Length) },
        { "R2TO", FatalErrorStatus.DataTransferOutOfRange, 12, false, fake => fake.R2TFor(4, 4096) },
        { "R2TL of 0", FatalErrorStatus.DataTransferOutOfRange, 12, false, fake => fake.R2TFor(0, 0) },
        { "R2TL", FatalErrorStatus.DataTransferOutOfRange, 12, false, fake => fake.R2TFor(0, Length + 4) },
        { "two R2Ts", FatalErrorStatus.LimitExceeded, 0, false, fake => [.. fake.R2TFor(0, 4096), .. fake.R2TFor(4096, 4096)] },
        { "a response to nothing", FatalErrorStatus.PduSequenceError, 20, true, fake => fake.ResponseFor((ushort)(fake.Command.Cid ^ 1)) },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_controller_that_breaks_a_rule_is_told_which_and_left(
        string what, FatalErrorStatus status, uint information, bool read, Func<FakeController, byte[]> script)
    {
        using var fake = new FakeController();
        using HostQueue queue = fake.Connect(read ? Read8K : Write8K, Length, script, out int slot);
        Assert.Equal(Status.CommandAbortedByHost, queue.Wait(slot).Status);
        Assert.False(queue.IsConnected, what);

        ReceivedPdu? last = fake.Read();
        Assert.Equal(PduType.H2CTermReq, last?.Type);
        TermReq request = last!.As<TermReq>();
        Assert.Equal((status, information), ((FatalErrorStatus)request.Fes.Value, request.Fei.Value));
        Assert.Null(fake.Read());
    }

    [Fact]
    public void A_wrong_header_digest_ends_the_connection()
    {
        using var fake = new FakeController { Digests = PduDigests.Header };
        using HostQueue queue = fake.Connect(
            Read8K, Length, f => Changed(f.DataFor(0, Length), DataPdu.Size, 1), out int slot);
        Assert.Equal(Status.CommandAbortedByHost, queue.Wait(slot).Status);
        Assert.Equal(FatalErrorStatus.HeaderDigestError, (FatalErrorStatus)fake.Read()!.As<TermReq>().Fes.Value);
    }

    [Fact]
    public void A_wrong_data_digest_fails_the_command_and_keeps_the_connection()
    {
        using var fake = new FakeController { Digests = PduDigests.Header | PduDigests.Data };
        using HostQueue queue = fake.Connect(
            Read8K,
            Length,
            f => [.. Changed(f.DataFor(0, Length), DataPdu.Size + 4 + 100, 1), .. f.ResponseFor(f.Command.Cid)],
            out int slot);
        Assert.Equal(Status.TransientTransportError, queue.Wait(slot).Status);
        Assert.True(queue.IsConnected);
    }

    [Fact]
    public void Data_in_pieces_with_success_at_the_end_completes_the_command()
    {
        using var fake = new FakeController();
        using HostQueue queue = fake.Connect(
            Read8K,
            Length,
            f => [.. f.DataFor(0, 4096, PduFlags.None), .. f.DataFor(4096, 4096, PduFlags.LastPdu | PduFlags.Success)],
            out int slot);
        HostCompletion completion = queue.Wait(slot);
        Assert.Equal((Status.Success, Length, true), (completion.Status, completion.Transferred, completion.WithoutCapsule));
    }

    [Fact]
    public void Data_asked_for_goes_in_pdus_of_the_length_the_controller_takes()
    {
        using var fake = new FakeController();
        using HostQueue queue = fake.Connect(Write8K, Length, f => f.R2TFor(0, Length), out _);
        queue.Drain(TimeSpan.FromMilliseconds(100));
        ReceivedPdu first = fake.Read()!;
        ReceivedPdu second = fake.Read()!;
        Assert.Equal((4096, false), (first.Data.Length, first.Has(PduFlags.LastPdu)));
        Assert.Equal((4096, true), (second.Data.Length, second.Has(PduFlags.LastPdu)));
        Assert.Equal((4096u, 9), (second.As<DataPdu>().Datao.Value, second.As<DataPdu>().Ttag.Value));
    }

    [Fact]
    public void A_controller_that_closes_aborts_what_was_outstanding()
    {
        using var fake = new FakeController();
        using HostQueue queue = fake.Connect(Read8K, Length, _ => [], out int slot);
        fake.Close();
        Assert.Equal(Status.CommandAbortedByHost, queue.Wait(slot).Status);
        Assert.NotNull(queue.Failure);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(10, 1)]
    [InlineData(2, 64)]
    [InlineData(0, 4)]
    [InlineData(12, 1)]
    [InlineData(13, 0x10)]
    public void An_answer_to_the_initialize_request_that_does_not_fit_is_refused(int offset, byte change)
    {
        using var fake = new FakeController();
        IcResp response = fake.Response;
        WireStruct.Bytes(ref response)[offset] ^= change;
        fake.Response = response;
        var serving = new Thread(() => fake.AcceptAndAnswerIcReq());
        serving.Start();
        var options = new HostQueueOptions { QueueId = 0, Depth = 1, BufferBytes = 4096, InCapsuleDataBytes = 0 };
        Assert.Throws<HostConnectionException>(() => HostQueue.Open(fake.Host, options));
        serving.Join();
    }

    [Fact]
    public void A_controller_that_says_nothing_is_waited_for_no_longer_than_the_timeout()
    {
        using var fake = new FakeController();
        HostOptions host = fake.Host with { Timeout = TimeSpan.FromMilliseconds(200) };
        var options = new HostQueueOptions { QueueId = 0, Depth = 1, BufferBytes = 4096, InCapsuleDataBytes = 0 };
        Assert.Throws<HostConnectionException>(() => HostQueue.Open(host, options));
    }

    private static byte[] Changed(byte[] pdu, int offset, byte bits)
    {
        pdu[offset] ^= bits;
        return pdu;
    }
}
