using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.SimulationTests;

/// <summary>The commands of a run.</summary>
internal sealed partial class CrashRun
{
    private const int MostBlocks = 24;
    private const uint ForcedAccess = 1u << 30;

    private readonly List<SimTime> _outstanding = [];

    private void Step()
    {
        WaitForQueue();
        MaybeFail();
        _ordinal++;
        if (_scenario.SnapshotChanges > 0 && _snapshotRandom.Below(1000) < _scenario.SnapshotChanges)
            ChangeSnapshots();
        else if (_random.Chance(_scenario.Flushes))
            FlushSome();
        else if (_random.Below(1000) < _scenario.NamespaceChanges)
            ChangeNamespaces();
        else
            ReadOrChange();
    }

    /// <summary>The host has a queue of some depth; when it is full it waits for a command to end.</summary>
    private void WaitForQueue()
    {
        if (_scenario.Mode != LossMode.VirtualTime)
            return;
        if (_random.Chance(70))
            _clock.Advance(_drive!, new SimDuration(_random.Below(400_000)));
        _outstanding.RemoveAll(due => due <= _clock.Now);
        while (_outstanding.Count >= _scenario.QueueDepth)
        {
            _clock.Advance(_drive!, _outstanding.Min() - _clock.Now);
            _outstanding.RemoveAll(due => due <= _clock.Now);
        }
    }

    private void ReadOrChange()
    {
        (uint nsid, ReferenceDisk disk) = AnyDisk(_random);
        (int first, int count) = AnyRange(disk);
        switch (_random.Below(100))
        {
            case < 60:
                WriteBlocks(nsid, disk, first, count, isForced: _random.Chance(5));
                break;
            case < 70:
                Deallocate(nsid, disk, first, count);
                break;
            case < 78:
                CopyBlocks(nsid, disk, first, count);
                break;
            case < 98:
                ReadBlocks(nsid, disk, first, count);
                break;
            default:
                MarkUncorrectable(nsid, disk, first, Math.Min(count, 3));
                break;
        }
    }

    /// <summary>Writes the first namespace from end to end.</summary>
    private void Fill()
    {
        ReferenceDisk disk = _disks[1];
        for (int first = 0; first < disk.Blocks; first += MostBlocks)
        {
            WaitForQueue();
            _ordinal++;
            WriteBlocks(1, disk, first, Math.Min(MostBlocks, disk.Blocks - first), isForced: false);
        }
    }

    private (uint Nsid, ReferenceDisk Disk) AnyDisk(SeededRandom random) =>
        _disks.ElementAt(random.Below(_disks.Count)) is var (nsid, disk) ? (nsid, disk) : default;

    /// <summary>A run of blocks, in one half of all cases in the first eighth of the namespace.</summary>
    private (int First, int Count) AnyRange(ReferenceDisk disk)
    {
        int count = 1 + _random.Below(MostBlocks);
        int bound = _random.Chance(50) ? disk.Blocks / 8 : disk.Blocks;
        int first = _random.Below(Math.Max(1, bound - count));
        return (first, Math.Min(count, disk.Blocks - first));
    }

    private void WriteBlocks(uint nsid, ReferenceDisk disk, int first, int count, bool isForced)
    {
        byte[] data = new byte[count * disk.BlockBytes];
        for (int i = 0; i < count; i++)
        {
            BlockContents.Write(++_contents, data.AsSpan(i * disk.BlockBytes, disk.BlockBytes));
            disk.Begin(first + i, _contents, _ordinal);
        }

        CommandOutcome outcome = _host.Io(
            IoOpcode.Write, data, nsid, (uint)first, 0, (uint)(count - 1) | (isForced ? ForcedAccess : 0));
        long ordinal = _ordinal;
        WhenOver(outcome, ended =>
        {
            Conclude(nsid, disk, first, count, ordinal, ended);
            if (isForced && ended.IsSuccess)
                _forces.Add(new Force(disk, first, count, ordinal, ended.Due));
            SettleAtOnce();
        });
    }

    private void Deallocate(uint nsid, ReferenceDisk disk, int first, int count)
    {
        for (int i = 0; i < count; i++)
            disk.Begin(first + i, BlockContents.Zero, _ordinal);
        if (_random.Chance(50))
        {
            ConcludeWhenOver(nsid, disk, first, count, _host.Io(IoOpcode.WriteZeroes, [], nsid, (uint)first, 0, (uint)(count - 1)));
            return;
        }

        byte[] range = new byte[DsmRange.Size];
        WireStruct.Write(range, new DsmRange { Llb = (uint)count, Slba = (ulong)first });
        const uint deallocate = 1 << 2;
        ConcludeWhenOver(nsid, disk, first, count, _host.Io(IoOpcode.DatasetManagement, range, nsid, 0, deallocate));
    }

    private void CopyBlocks(uint nsid, ReferenceDisk disk, int source, int count)
    {
        int target = _random.Below(disk.Blocks - count + 1);
        bool isReadable = true;
        for (int i = 0; i < count; i++)
        {
            isReadable &= disk.Latest(source + i) != BlockContents.Unreadable && disk.IsCertain(source + i);
        }

        if (!isReadable || MayFail(nsid, disk, source, count))
            return;
        long[] contents = [.. Enumerable.Range(source, count).Select(disk.Latest)];
        for (int i = 0; i < count; i++)
            disk.Begin(target + i, contents[i], _ordinal);
        byte[] descriptor = new byte[CopyDescriptor.Size];
        WireStruct.Write(descriptor, new CopyDescriptor { Slba = (ulong)source, Nlb = (ushort)(count - 1) });
        ConcludeWhenOver(nsid, disk, target, count, _host.Io(IoOpcode.Copy, descriptor, nsid, (uint)target));
    }

    private void MarkUncorrectable(uint nsid, ReferenceDisk disk, int first, int count)
    {
        for (int i = 0; i < count; i++)
            disk.Begin(first + i, BlockContents.Unreadable, _ordinal);
        ConcludeWhenOver(nsid, disk, first, count, _host.Io(IoOpcode.WriteUncorrectable, [], nsid, (uint)first, 0, (uint)(count - 1)));
    }

    private void ReadBlocks(uint nsid, ReferenceDisk disk, int first, int count)
    {
        byte[] data = new byte[count * disk.BlockBytes];
        CommandOutcome outcome = _host.Transfer(IoOpcode.Read, (ulong)first, count, data, nsid);
        bool isReadable = true;
        for (int i = 0; i < count; i++)
            isReadable &= disk.Latest(first + i) != BlockContents.Unreadable || !disk.IsCertain(first + i);
        if (!outcome.IsSuccess && MayFail(nsid, disk, first, count))
            return;
        if (isReadable != outcome.IsSuccess && AllCertain(disk, first, count))
            throw Failure($"read of blocks {first} to {first + count - 1} of namespace {nsid} ended with {outcome.Status}");
        for (int i = 0; i < count && outcome.IsSuccess; i++)
        {
            long found = BlockContents.Read(data.AsSpan(i * disk.BlockBytes, disk.BlockBytes));
            bool isRight = disk.IsCertain(first + i) ? found == disk.Latest(first + i) : disk.MayBe(first + i, found);
            if (!isRight)
                throw Failure($"block {first + i} of namespace {nsid} reads as {found}, was written as {disk.Latest(first + i)}");
        }
    }

    private static bool AllCertain(ReferenceDisk disk, int first, int count) =>
        Enumerable.Range(first, count).All(disk.IsCertain);

    /// <summary>Flushes one namespace, or all.</summary>
    private void FlushSome()
    {
        (uint nsid, ReferenceDisk? disk) = _flushRandom.Chance(50) ? AnyDisk(_flushRandom) : (uint.MaxValue, null);
        SimTime asked = _clock.Now;
        long ordinal = _ordinal;
        WhenOver(_host.Io(IoOpcode.Flush, nsid: nsid), outcome =>
        {
            Trace?.Invoke($"{ordinal} at {asked}: flush of {nsid:X}, {outcome.Status} at {outcome.Due}");
            _outstanding.Add(outcome.Due);
            if (outcome.IsSuccess)
                _flushes.Add(new Flush(ordinal, asked, outcome.Due, disk));
            SettleAtOnce();
        });
    }

    private void ConcludeWhenOver(uint nsid, ReferenceDisk disk, int first, int count, CommandOutcome outcome)
    {
        long ordinal = _ordinal;
        WhenOver(outcome, ended => Conclude(nsid, disk, first, count, ordinal, ended));
    }

    private void Conclude(uint nsid, ReferenceDisk disk, int first, int count, long ordinal, CommandOutcome outcome)
    {
        if (outcome.Status.Matches(Status.CapacityExceeded) && _scenario.SnapshotChanges > 0)
        {
            for (int i = 0; i < count; i++)
                disk.Withdraw(first + i, ordinal);
            return;
        }

        bool mayFail = outcome.Status.Matches(Status.WriteFault) || MayFail(nsid, disk, first, count);
        if (!outcome.IsSuccess && !mayFail)
            throw Failure($"command ended with {outcome.Status}");
        Trace?.Invoke($"{ordinal} at {_clock.Now}: blocks {first} to {first + count - 1} are {disk.Latest(first)} to {disk.Latest(first + count - 1)}, {outcome.Status} at {outcome.Due}");
        _outstanding.Add(outcome.Due);
        for (int i = 0; i < count && outcome.IsSuccess; i++)
            disk.Acknowledge(first + i, ordinal, outcome.Due);
    }

    /// <summary>Where nothing takes time the host has heard of everything when the call returns.</summary>
    private void SettleAtOnce()
    {
        if (_scenario.Mode != LossMode.VirtualTime)
            EndFlushes(_clock.Now);
    }
}
