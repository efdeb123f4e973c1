using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>
/// A VM with several commands outstanding that knows what every block holds. Commands that are outstanding together are of
/// different blocks, so that there is one answer; what completes is checked against it.
/// </summary>
internal sealed class SchemeVm(TransferRig rig, SeededRandom random)
{
    private const int MostBlocks = 24;

    private static readonly (int BlockBytes, int Blocks)[] Shapes = [(4096, 2048), (512, 4096)];

    private readonly byte[][] _expected = [new byte[8 << 20], new byte[2 << 20]];
    private readonly bool[][] _busy = [new bool[2048], new bool[4096]];
    private readonly Dictionary<ushort, Asked> _asked = [];
    private int _posted;

    private sealed record Asked(uint Nsid, int Start, int Count, IoOpcode Opcode, byte[] Data)
    {
        public Status Expected { get; init; } = Status.Success;

        public int CopiedFrom { get; init; } = -1;
    }

    public int Outstanding => _asked.Count;

    public int Completed { get; private set; }

    public byte[] Expected(uint nsid) => _expected[nsid - 1];

    /// <summary>Takes what is there for what is right, once, before anything is asked.</summary>
    public void Learn()
    {
        foreach (uint nsid in (uint[])[1, 2])
            rig.Contents(rig.Source, nsid).CopyTo(Expected(nsid), 0);
    }

    /// <summary>Takes in what has completed.</summary>
    public void Poll()
    {
        List<(ushort CommandId, CommandOutcome Outcome)> posted = rig.Vm.IoEndpoint.Posted;
        for (; _posted < posted.Count; _posted++)
            End(posted[_posted].CommandId, posted[_posted].Outcome);
    }

    public void Submit()
    {
        var nsid = (uint)(1 + random.Below(2));
        (int blockBytes, int blocks) = Shapes[nsid - 1];
        int count = 1 + random.Below(MostBlocks);
        int start = random.Below(blocks - count);
        switch (random.Below(100))
        {
            case < 40:
                Ask(IoOpcode.Write, nsid, start, count, Random(count * blockBytes), fields: random.Chance(10) ? NvmCommandFields.Fua : 0);
                break;
            case < 70:
                Ask(IoOpcode.Read, nsid, start, count, new byte[count * blockBytes]);
                break;
            case < 76:
                Ask(IoOpcode.WriteZeroes, nsid, start, count, [], fields: NvmCommandFields.Deac);
                break;
            case < 82:
                Deallocate(nsid, start, count);
                break;
            case < 86:
                Ask(IoOpcode.Flush, random.Chance(50) ? nsid : uint.MaxValue, 0, 0, []);
                break;
            case < 90:
                Compare(nsid, start, count);
                break;
            case < 93:
                Ask(IoOpcode.Verify, nsid, start, count, [], fields: random.Chance(50) ? NvmCommandFields.Fua : 0);
                break;
            case < 97:
                Copy(nsid, start, count);
                break;
            default:
                CompareAndWrite(nsid, start, Math.Min(count, 4));
                break;
        }
    }

    /// <summary>What is outstanding, for a message.</summary>
    public string Describe() => string.Join(", ", _asked.Values.Select(asked => $"{asked.Opcode} of {asked.Nsid}:{asked.Start}+{asked.Count}"));

    public void AssertHolds(Drive drive, string about)
    {
        foreach (uint nsid in (uint[])[1, 2])
        {
            int differs = rig.Contents(drive, nsid).AsSpan().CommonPrefixLength(Expected(nsid));
            Assert.True(differs == Expected(nsid).Length, $"{about}: namespace {nsid} differs from byte {differs} on");
        }
    }

    private byte[] Random(int bytes)
    {
        byte[] data = new byte[bytes];
        random.Fill(data);
        return data;
    }

    private bool IsBusy(uint nsid, int start, int count) => _busy[nsid - 1].AsSpan(start, count).Contains(true);

    private void Mark(uint nsid, int start, int count, bool isBusy)
    {
        if (nsid != uint.MaxValue)
            _busy[nsid - 1].AsSpan(start, count).Fill(isBusy);
    }

    private Span<byte> At(uint nsid, int start, int count)
    {
        int bytes = Shapes[nsid - 1].BlockBytes;
        return Expected(nsid).AsSpan(start * bytes, count * bytes);
    }

    private void Ask(IoOpcode opcode, uint nsid, int start, int count, byte[] data, uint fields = 0)
    {
        if (nsid != uint.MaxValue && IsBusy(nsid, start, count))
            return;
        uint length = count == 0 ? 0 : (uint)count - 1;
        Submit(rig.Vm.Entry((byte)opcode, nsid, (uint)start, 0, length | fields, 0, 0, 0), new Asked(nsid, start, count, opcode, data));
    }

    private void Submit(SubmissionEntry entry, Asked asked, byte[]? sent = null)
    {
        Mark(asked.Nsid, asked.Start, asked.Count, isBusy: true);
        _asked.Add(entry.Cid, asked);
        rig.Vm.IoQueue(1);
        if (asked.Opcode == IoOpcode.Read)
            rig.Vm.IoEndpoint.Buffers[entry.Cid] = asked.Data;
        byte[] data = sent ?? asked.Data;
        CommandOutcome outcome = rig.Vm.Submit(rig.Vm.IoQueue(1), entry, data);
        if (outcome.Kind != OutcomeKind.Pending)
            End(entry.Cid, outcome);
    }

    private void Deallocate(uint nsid, int start, int count)
    {
        if (IsBusy(nsid, start, count))
            return;
        byte[] ranges = new byte[2 * DsmRange.Size];
        int half = count / 2;
        WireStruct.Write(ranges, new DsmRange { Slba = (ulong)start, Llb = (uint)half });
        WireStruct.Write(ranges.AsSpan(DsmRange.Size), new DsmRange { Slba = (ulong)(start + half), Llb = (uint)(count - half) });
        SubmissionEntry entry = rig.Vm.Entry((byte)IoOpcode.DatasetManagement, nsid, 1, 1 << 2, 0, 0, 0, 0);
        Submit(entry, new Asked(nsid, start, count, IoOpcode.DatasetManagement, []), ranges);
    }

    private void Compare(uint nsid, int start, int count)
    {
        if (IsBusy(nsid, start, count))
            return;
        byte[] data = At(nsid, start, count).ToArray();
        bool differs = random.Chance(50);
        if (differs)
            data[random.Below(data.Length)] ^= 1;
        SubmissionEntry entry = rig.Vm.Entry((byte)IoOpcode.Compare, nsid, (uint)start, 0, (uint)count - 1, 0, 0, 0);
        Submit(entry, new Asked(nsid, start, count, IoOpcode.Compare, data)
        {
            Expected = differs ? Status.CompareFailure.WithDoNotRetry() : Status.Success,
        });
    }

    private void Copy(uint nsid, int start, int count)
    {
        int from = random.Below(Shapes[nsid - 1].Blocks - count);
        bool overlaps = from < start + count && start < from + count;
        if (overlaps || IsBusy(nsid, start, count) || IsBusy(nsid, from, count))
            return;
        byte[] source = new byte[CopyDescriptor.Size];
        WireStruct.Write(source, new CopyDescriptor { Slba = (ulong)from, Nlb = (ushort)(count - 1) });
        Mark(nsid, from, count, isBusy: true);
        SubmissionEntry entry = rig.Vm.Entry((byte)IoOpcode.Copy, nsid, (uint)start, 0, 0, 0, 0, 0);
        Submit(entry, new Asked(nsid, start, count, IoOpcode.Copy, []) { CopiedFrom = from }, source);
    }

    private void CompareAndWrite(uint nsid, int start, int count)
    {
        if (IsBusy(nsid, start, count))
            return;
        byte[] compared = At(nsid, start, count).ToArray();
        byte[] written = Random(compared.Length);
        bool differs = random.Chance(30);
        if (differs)
            compared[0] ^= 1;
        SubmissionEntry first = rig.Vm.Entry((byte)IoOpcode.Compare, nsid, (uint)start, 0, (uint)count - 1, 0, 0, 0);
        SubmissionEntry second = rig.Vm.Entry((byte)IoOpcode.Write, nsid, (uint)start, 0, (uint)count - 1, 0, 0, 0);
        first.Fuse = FusedOperation.First;
        second.Fuse = FusedOperation.Second;
        Mark(nsid, start, count, isBusy: true);
        _asked.Add(first.Cid, new Asked(nsid, start, count, IoOpcode.Compare, compared)
        {
            Expected = differs ? Status.CompareFailure.WithDoNotRetry() : Status.Success,
        });
        _asked.Add(second.Cid, new Asked(nsid, start, count, IoOpcode.Write, written)
        {
            Expected = differs ? Status.AbortedFailedFused : Status.Success,
        });
        QueuePair queue = rig.Vm.IoQueue(1);
        queue.Controller.SubmitFused(
            rig.Clock.Now, queue, first, compared, second, written, out CommandOutcome firstOutcome, out CommandOutcome secondOutcome);
        if (firstOutcome.Kind != OutcomeKind.Pending)
            End(first.Cid, firstOutcome);
        if (secondOutcome.Kind != OutcomeKind.Pending)
            End(second.Cid, secondOutcome);
    }

    private void End(ushort commandId, in CommandOutcome outcome)
    {
        Assert.True(_asked.Remove(commandId, out Asked? asked), $"command {commandId} completed twice");
        rig.Vm.IoEndpoint.Buffers.Remove(commandId);
        Completed++;
        Assert.True(asked.Expected == outcome.Status, $"{asked.Opcode} of {asked.Nsid}:{asked.Start}+{asked.Count}: {outcome.Status}");
        Mark(asked.Nsid, asked.Start, asked.Count, isBusy: false);
        if (asked.CopiedFrom >= 0)
            Mark(asked.Nsid, asked.CopiedFrom, asked.Count, isBusy: false);
        if (!outcome.Status.IsSuccess || asked.Nsid == uint.MaxValue)
            return;
        Span<byte> held = At(asked.Nsid, asked.Start, asked.Count);
        switch (asked.Opcode)
        {
            case IoOpcode.Write:
                asked.Data.CopyTo(held);
                break;
            case IoOpcode.WriteZeroes or IoOpcode.DatasetManagement:
                held.Clear();
                break;
            case IoOpcode.Copy:
                At(asked.Nsid, asked.CopiedFrom, asked.Count).CopyTo(held);
                break;
            case IoOpcode.Read:
                int differs = asked.Data.AsSpan().CommonPrefixLength(held);
                Assert.True(differs == held.Length, $"read of {asked.Nsid}:{asked.Start}+{asked.Count} differs from byte {differs} on");
                break;
        }
    }
}
