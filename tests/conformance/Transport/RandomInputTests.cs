using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Whatever bytes a host sends, the drive answers or terminates, and goes on serving the others.</summary>
public sealed class RandomInputTests : IDisposable
{
    private const int BlockBytes = 4096;

    private readonly TestTarget _target = new();

    public void Dispose() => _target.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_bytes_in_place_of_pdus_end_only_their_own_connection(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (int i = 0; i < 25; i++)
        {
            using RawHost raw = _target.OpenRaw();
            byte[] pdu = PduBuilder.Capsule(HostCommands.Write(1, 0, 1), new byte[BlockBytes]);
            random.Fill(pdu.AsSpan(random.Below(CommonHeader.Size), 1 + random.Below(100)));
            raw.Connection.Send(pdu);
            raw.Connection.EndSending();
            raw.AssertClosed();
        }

        _target.AssertServes();
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Random_commands_are_answered_once_each_and_harm_nobody(ulong seed)
    {
        var random = new SeededRandom(seed);
        using RawHost raw = _target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        for (ushort i = 0; i < 500; i++)
        {
            SubmissionEntry entry = default;
            random.Fill(WireStruct.Bytes(ref entry));
            entry.Cid = i;

            // Random data to write belongs to nobody else, and Disconnect would end the session.
            entry.Nsid = 2;
            entry.Opcode = (byte)(random.Below(2) == 0 ? random.Below(0x20) : entry.Opcode & 0x7B);
            entry.Fuse = FusedOperation.Normal;
            entry.Sgl1 = random.Below(2) == 0 ? PduBuilder.InCapsule(512) : PduBuilder.InDataPdus(512);
            raw.Connection.Send(PduBuilder.CapsuleAsIs(entry, new byte[512]));
            ReadUntilAnswered(raw, i);
        }

        _target.AssertServes();
    }

    /// <summary>Commands that format, sanitize and delete are among them: the namespaces may look any way afterwards.</summary>
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Random_admin_commands_are_answered_once_each(ulong seed)
    {
        var random = new SeededRandom(seed);
        using RawHost raw = _target.ConnectRaw();
        for (ushort i = 0; i < 1500; i++)
        {
            SubmissionEntry entry = default;
            random.Fill(WireStruct.Bytes(ref entry));
            entry.Cid = i;
            entry.Opcode = (byte)random.Below(0x100);
            bool neverEnds = entry.Opcode is (byte)AdminOpcode.AsynchronousEventRequest or (byte)AdminOpcode.Fabrics;
            if (neverEnds || (entry.Opcode & 3) == 3)
                entry.Opcode = (byte)AdminOpcode.Identify;

            // Small numbers reach further into a command than large ones, which fail its first check.
            if (random.Chance(80))
                (entry.Nsid, entry.Flags) = ((uint)random.Below(4), 0x40);
            if (random.Chance(80))
                (entry.Cdw10, entry.Cdw11) = ((uint)random.Below(0x30), (uint)random.Below(4));
            if (random.Chance(80))
                (entry.Cdw12, entry.Cdw13, entry.Cdw14, entry.Cdw15) = (default, default, default, default);
            entry.Fuse = FusedOperation.Normal;
            entry.Sgl1 = (entry.Opcode & 1) != 0 ? PduBuilder.InCapsule(4096) : PduBuilder.InDataPdus(4096);
            byte[] data = new byte[4096];
            random.Fill(data.AsSpan(0, random.Below(64)));
            raw.Connection.Send(PduBuilder.CapsuleAsIs(entry, data));
            ReadUntilAnswered(raw, i);
        }
    }

    private static void ReadUntilAnswered(RawHost raw, ushort commandId)
    {
        while (true)
        {
            ReceivedPdu pdu = raw.Read();
            if (pdu.Type == PduType.R2T)
            {
                raw.SendData(pdu.As<R2T>(), new byte[512]);
            }
            else
            {
                if (pdu.Type == PduType.C2HData)
                    continue;
                Assert.Equal(PduType.CapsuleResp, pdu.Type);
                Assert.Equal(commandId, pdu.As<CapsuleResp>().Cqe.Cid.Value);
                return;
            }
        }
    }
}
