using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Fused Compare and Write (Base 2.1, 3.4.2; NVM Command Set 1.1, 3.1.2).</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class FusedTests : IDisposable
{
    private const ulong Lba = 64;
    private const string SpdkPairs = "SPDK pairs fused commands, and says what is wrong with a pair in its own way";
    private static readonly Status MissingFused = Status.AbortedMissingFused.WithDoNotRetry();
    private static readonly Status InvalidField = Status.InvalidField.WithDoNotRetry();

    private readonly TestTarget _target = new();
    private readonly RawHost _admin;
    private readonly RawHost _raw;

    public FusedTests() => _raw = _target.ConnectRaw(out _admin);

    public void Dispose()
    {
        _raw.Dispose();
        _admin.Dispose();
        _target.Dispose();
    }

    /// <summary>With one block the data is in the capsule, with eight it is asked for.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void A_write_is_done_when_the_comparison_holds(int blocks)
    {
        byte[] next = Pattern(blocks, seed: 1);
        SendFused(blocks, new byte[blocks * 4096], next);
        AssertStatuses(Status.Success, Status.Success);
        AssertStored(next);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void A_write_is_not_done_when_the_comparison_fails(int blocks)
    {
        byte[] wrong = new byte[blocks * 4096];
        wrong[^1] = 1;
        SendFused(blocks, wrong, Pattern(blocks, seed: 2));
        AssertStatuses(Status.CompareFailure.WithDoNotRetry(), Status.AbortedFailedFused);
        AssertStored(new byte[blocks * 4096]);
    }

    [Fact]
    public void Two_hosts_that_compare_and_write_never_both_win()
    {
        using RawHost other = _target.ConnectRaw(out RawHost otherAdmin);
        using RawHost _ = otherAdmin;
        for (int round = 0; round < 100; round++)
        {
            byte[] before = Pattern(1, (ulong)round);
            _raw.Execute(HostCommands.Write(1, Lba, 1), before);
            SendFused(1, before, Pattern(1, 1000));
            foreach (byte[] pdu in FusedPdus(before, Pattern(1, 2000)))
                other.Connection.Send(pdu);

            int winners = 0;
            foreach (RawHost host in (RawHost[])[_raw, other])
            {
                winners += host.ReadResponse().Status.IsSuccess ? 1 : 0;
                host.ReadResponse();
            }

            Assert.Equal(1, winners);
        }
    }

    [SkippableFact]
    public void A_first_whose_second_does_not_follow_is_aborted_and_the_next_command_executed()
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        _raw.Send(Fused(IoOpcode.Compare, FusedOperation.First), new byte[4096]);
        _raw.Send(HostCommands.Flush(1));
        AssertStatuses(MissingFused, Status.Success);
    }

    [SkippableFact]
    public void A_first_after_a_first_aborts_the_earlier_one()
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        ushort lone = _raw.Send(Fused(IoOpcode.Compare, FusedOperation.First), new byte[4096]);
        ushort first = _raw.Send(Fused(IoOpcode.Compare, FusedOperation.First), new byte[4096]);
        ushort second = _raw.Send(Fused(IoOpcode.Write, FusedOperation.Second), Pattern(1, seed: 3));
        CompletionEntry[] responses = [_raw.ReadResponse(), _raw.ReadResponse(), _raw.ReadResponse()];
        Assert.Equal(
            [(lone, MissingFused), (first, Status.Success), (second, Status.Success)],
            responses.Select(response => (response.Cid.Value, response.Status)));
    }

    [SkippableFact]
    public void A_second_alone_is_aborted_and_nothing_written()
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        _raw.Send(Fused(IoOpcode.Write, FusedOperation.Second), Pattern(1, seed: 4));
        Assert.Equal(MissingFused, _raw.ReadResponse().Status);
        AssertStored(new byte[4096]);
    }

    [SkippableFact]
    public void A_first_that_waits_for_its_data_is_aborted_when_its_second_does_not_follow()
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        R2T request = _raw.SendAndReadR2T(Fused(IoOpcode.Compare, FusedOperation.First, 8), 8 * 4096);
        Assert.Equal(Status.Success, _raw.Execute(HostCommands.Flush(1)).Status);
        _raw.Connection.Send(PduBuilder.H2CData(request.Cccid, request.Ttag, 0, new byte[8 * 4096], isLast: true));
        Assert.Equal(MissingFused, _raw.ReadResponse().Status);
    }

    [SkippableTheory]
    [InlineData(IoOpcode.Write, IoOpcode.Write)]
    [InlineData(IoOpcode.Compare, IoOpcode.Compare)]
    [InlineData(IoOpcode.Write, IoOpcode.Compare)]
    public void Only_compare_and_write_can_be_fused(IoOpcode first, IoOpcode second)
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        _raw.Send(Fused(first, FusedOperation.First), Pattern(1, seed: 5));
        _raw.Send(Fused(second, FusedOperation.Second), Pattern(1, seed: 6));
        AssertStatuses(InvalidField, InvalidField);
        AssertStored(new byte[4096]);
    }

    [SkippableTheory]
    [InlineData(1u, Lba + 1, 1)]
    [InlineData(2u, Lba, 1)]
    [InlineData(1u, Lba, 2)]
    public void Both_halves_are_about_the_same_blocks(uint nsid, ulong lba, int blocks)
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        _raw.Send(Fused(IoOpcode.Compare, FusedOperation.First), new byte[4096]);
        SubmissionEntry second = HostCommands.Write(nsid, lba, blocks);
        second.Fuse = FusedOperation.Second;
        _raw.Send(second, Pattern(blocks, seed: 7));
        AssertStatuses(InvalidField, InvalidField);
        AssertStored(new byte[2 * 4096]);
    }

    [SkippableFact]
    public void A_range_beyond_the_namespace_fails_both_halves()
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        foreach (IoOpcode opcode in (IoOpcode[])[IoOpcode.Compare, IoOpcode.Write])
        {
            SubmissionEntry half = HostCommands.Io(opcode, 1, 1 << 20, 1);
            half.Fuse = opcode == IoOpcode.Compare ? FusedOperation.First : FusedOperation.Second;
            _raw.Send(half, new byte[4096]);
        }

        AssertStatuses(Status.LbaOutOfRange.WithDoNotRetry(), Status.AbortedFailedFused);
    }

    [Fact]
    public void A_host_that_goes_between_the_halves_leaves_nothing_behind()
    {
        _raw.Send(Fused(IoOpcode.Compare, FusedOperation.First), new byte[4096]);
        _raw.Connection.Reset();
        TestTarget.Eventually("the buffer is back", () => _target.BufferBytesInUse == 0);
        _target.AssertServes();
    }

    [SkippableFact]
    public void Admin_commands_cannot_be_fused()
    {
        TestDoor.SkipAtSpdks(SpdkPairs);
        SubmissionEntry entry = HostCommands.KeepAlive();
        entry.Fuse = FusedOperation.First;
        _admin.Send(entry);
        Assert.Equal(InvalidField, _admin.ReadResponse().Status);
    }

    private void SendFused(int blocks, byte[] compare, byte[] write)
    {
        if (blocks * 4096 <= _target.Drive.Options.InCapsuleDataBytes)
        {
            foreach (byte[] pdu in FusedPdus(compare, write))
                _raw.Connection.Send(pdu);
            return;
        }

        R2T first = _raw.SendAndReadR2T(Fused(IoOpcode.Compare, FusedOperation.First, blocks), compare.Length);
        R2T second = _raw.SendAndReadR2T(Fused(IoOpcode.Write, FusedOperation.Second, blocks), write.Length);
        _raw.Connection.Send(PduBuilder.H2CData(second.Cccid, second.Ttag, 0, write, isLast: true));
        _raw.Connection.Send(PduBuilder.H2CData(first.Cccid, first.Ttag, 0, compare, isLast: true));
    }

    private static byte[][] FusedPdus(byte[] compare, byte[] write)
    {
        SubmissionEntry first = Fused(IoOpcode.Compare, FusedOperation.First);
        first.Cid = 0x1001;
        SubmissionEntry second = Fused(IoOpcode.Write, FusedOperation.Second);
        second.Cid = 0x1002;
        return [PduBuilder.Capsule(first, compare), PduBuilder.Capsule(second, write)];
    }

    private static SubmissionEntry Fused(IoOpcode opcode, FusedOperation half, int blocks = 1)
    {
        SubmissionEntry entry = HostCommands.Io(opcode, 1, Lba, blocks);
        entry.Fuse = half;
        return entry;
    }

    private void AssertStatuses(Status first, Status second) =>
        Assert.Equal((first, second), (_raw.ReadResponse().Status, _raw.ReadResponse().Status));

    private void AssertStored(byte[] expected)
    {
        _raw.SendWithDataPdus(HostCommands.Read(1, Lba, expected.Length / 4096), expected.Length);
        ReceivedPdu data = _raw.Read();
        Assert.Equal(expected, data.Data.ToArray());
        // SPDK ends every read with its last data PDU, whether or not the host follows the head of the queue.
        if (!data.Has(PduFlags.Success))
            Assert.Equal(Status.Success, _raw.ReadResponse().Status);
    }

    private static byte[] Pattern(int blocks, ulong seed)
    {
        byte[] data = new byte[blocks * 4096];
        new SeededRandom(seed).Fill(data);
        return data;
    }
}
