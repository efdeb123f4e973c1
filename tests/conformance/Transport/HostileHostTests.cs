using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Hosts that stall, flood or do not read use up their own share, which is bounded, and nobody else's.</summary>
public sealed class HostileHostTests : IDisposable
{
    private const int BlockBytes = 4096;
    private const int TransferBytes = 512 * 1024;
    private const int SlotsOfQueue = 32;

    /// <summary>Room for two of the longest transfers.</summary>
    private const int Share = 2 * TransferBytes;

    private readonly TestTarget _target = new(options => options with { BufferBytesPerConnection = Share });
    private readonly HostController _other;
    private readonly Bystander _bystander;

    public HostileHostTests()
    {
        _other = _target.Connect(out HostQueue queue);
        _bystander = new Bystander(queue);
    }

    public void Dispose()
    {
        _other.Dispose();
        _target.Dispose();
    }

    [Fact]
    public void A_host_that_announces_data_and_sends_none_holds_its_share_of_buffers_and_others_work()
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        for (int i = 0; i < SlotsOfQueue - 1; i++)
            raw.SendWithDataPdus(Write((ulong)i), TransferBytes);
        Assert.Equal(PduType.R2T, raw.Read().Type);
        Assert.Equal(PduType.R2T, raw.Read().Type);

        for (int i = 0; i < 50; i++)
            _bystander.AssertUndisturbed();
        TestTarget.Eventually("only its share is taken", () => _target.Target.BufferBytesInUse == Share);
    }

    [Fact]
    public void Commands_that_wait_for_a_buffer_go_on_when_there_is_one()
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        const int commands = 9;
        for (int i = 0; i < commands; i++)
            raw.SendWithDataPdus(Write((ulong)i), TransferBytes);

        byte[] data = new byte[TransferBytes];
        int completed = 0;
        while (completed < commands)
        {
            ReceivedPdu pdu = raw.Read();
            if (pdu.Type == PduType.R2T)
            {
                raw.SendData(pdu.As<R2T>(), data);
                continue;
            }

            Assert.Equal(PduType.CapsuleResp, pdu.Type);
            Assert.Equal(Status.Success, pdu.As<CapsuleResp>().Cqe.Status);
            completed++;
        }

        TestTarget.Eventually("all buffers are back", () => _target.Target.BufferBytesInUse == 0);
    }

    [Fact]
    public void A_host_with_more_commands_than_its_queue_has_entries_loses_its_connection()
    {
        using RawHost raw = _target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        for (int i = 0; i < SlotsOfQueue; i++)
            raw.SendWithDataPdus(Write((ulong)i), TransferBytes);
        SubmissionEntry tooMany = Write(0);
        tooMany.Cid = 0x9999;
        tooMany.Sgl1 = PduBuilder.InDataPdus(TransferBytes);
        byte[] pdu = PduBuilder.Capsule(tooMany);
        raw.Connection.Send(pdu);
        raw.AssertTerminated(FatalErrorStatus.PduSequenceError, 0, pdu);
        _bystander.AssertUndisturbed();
        Assert.True(admin.Execute(HostCommands.KeepAlive()).Status.IsSuccess);
        TestTarget.Eventually("all buffers are back", () => _target.Target.BufferBytesInUse == 0);
    }

    [Fact]
    public void A_host_that_does_not_read_gets_what_its_share_allows_and_the_rest_when_it_reads()
    {
        const int commands = SlotsOfQueue - 1;
        using RawHost admin = _target.ConnectRaw();
        using var raw = new RawHost(_target.EndPoint, _target.Drive.Nqn, PduDigests.None, receiveBufferBytes: 4096);
        raw.Initialize();
        raw.ConnectIo(admin.ControllerId, 1);
        byte[] data = new byte[TransferBytes];
        new SeededRandom(8).Fill(data);
        raw.SendData(raw.SendAndReadR2T(Write(0), TransferBytes), data);
        Assert.Equal(Status.Success, raw.ReadResponse().Status);

        for (int i = 0; i < commands; i++)
            raw.SendWithDataPdus(HostCommands.Read(1, 0, TransferBytes / BlockBytes), TransferBytes);
        for (int i = 0; i < 50; i++)
            _bystander.AssertUndisturbed();
        TestTarget.Eventually(
            "the bystander's buffers are back",
            () => _target.Target.BufferBytesInUse is > 0 and <= Share + TransferBytes);

        for (int i = 0; i < commands; i++)
        {
            Assert.True(raw.Read().Data.SequenceEqual(data));
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        }
    }

    [Fact]
    public void A_host_that_sends_commands_and_reads_no_responses_is_not_listened_to_until_it_does()
    {
        using RawHost admin = _target.ConnectRaw();
        using var raw = new RawHost(_target.EndPoint, _target.Drive.Nqn, PduDigests.None, receiveBufferBytes: 4096);
        raw.Initialize();
        raw.ConnectIo(admin.ControllerId, 1);

        // Answers that are not read fill the way back; then data that is not taken fills the way there.
        byte[] read = ReadOf64KiB();
        byte[] write = PduBuilder.Capsule(HostCommands.Write(1, 0, 4), new byte[4 * BlockBytes]);
        const int reads = 150;
        const int writes = 1500;
        int sent = 0;
        var sender = new Thread(() =>
        {
            for (; sent < reads + writes; sent++)
                raw.Connection.Send(sent < reads ? read : write);
        });
        sender.Start();
        int before = -1;
        TestTarget.Eventually("the sender is held back", () =>
        {
            Thread.Sleep(100);
            int now = Volatile.Read(ref sent);
            bool stands = now == before;
            before = now;
            return stands;
        });
        Assert.InRange(before, 0, reads + writes - 1);
        _bystander.AssertUndisturbed();

        for (int i = 0; i < reads; i++)
        {
            Assert.Equal(16 * BlockBytes, raw.Read().Data.Length);
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        }

        for (int i = 0; i < writes; i++)
            Assert.Equal(Status.Success, raw.ReadResponse().Status);
        sender.Join();
    }

    private static byte[] ReadOf64KiB()
    {
        SubmissionEntry read = HostCommands.Read(1, 0, 16);
        read.Sgl1 = PduBuilder.InDataPdus(16 * BlockBytes);
        return PduBuilder.Capsule(read);
    }

    [Fact]
    public void A_flood_of_connections_that_say_nothing_keeps_nobody_out()
    {
        var silent = new List<PduConnection>();
        for (int i = 0; i < 200; i++)
            silent.Add(PduConnection.Open(_target.EndPoint, TestTarget.Patience));
        _target.AssertServes();
        _bystander.AssertUndisturbed();
        silent.ForEach(connection => connection.Dispose());
    }

    private static SubmissionEntry Write(ulong index) =>
        HostCommands.Write(1, index % 32 * (TransferBytes / BlockBytes), TransferBytes / BlockBytes);
}
