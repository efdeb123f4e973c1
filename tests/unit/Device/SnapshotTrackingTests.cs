using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Device;
using Emulator.UnitTests.Migration;
using Emulator.Wire;
using Xunit.Abstractions;
using static Emulator.Wire.VendorCommandSet;
using static Emulator.Wire.VmMigrationFlags;
using Range = Emulator.UnitTests.Migration.Range;

namespace Emulator.UnitTests.Device;

/// <summary>
/// Whole migrations of random commands with snapshots among them, against a model that knows every block of the namespace and
/// of each snapshot: rounds and final set hold exactly what changed, in the round in which it did; the written set holds
/// what it should; the delta of a snapshot covers what differs from it and holds nothing that was not touched since.
/// </summary>
public sealed class SnapshotTrackingTests(ITestOutputHelper output) : IDisposable
{
    private const int Blocks = 512;
    private const long Unreadable = -1;
    private const string OtherNqn = "nqn.2026-11.io.emulator:other";

    private readonly long[] _contents = new long[Blocks];
    private readonly long[] _copy = new long[Blocks];
    private readonly HashSet<ulong> _written = [];
    private readonly HashSet<ulong> _dirty = [];
    private readonly HashSet<ulong> _taken = [];
    private readonly SortedDictionary<ushort, (long[] Contents, HashSet<ulong> Touched)> _snapshots = [];
    private readonly Drive _drive = new(new DriveOptions
    {
        CapacityBytes = 4 << 20,
        OverProvisioningPercent = 60,
        Namespaces = [new NamespaceOptions { SizeBytes = Blocks * 4096 }],
    });

    private SeededRandom _random = new(0);
    private TestHost _vm = null!;
    private TestHost _other = null!;
    private long _version;
    private bool _isTracked;
    private int _refusedForRoom;

    public void Dispose() => _drive.Dispose();

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 20).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rounds_final_set_and_deltas_cover_exactly_what_changed(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        _random = new SeededRandom(seed);
        _vm = TestHost.Connect(_drive, new TestClock());
        _other = TestHost.Connect(_drive, _vm.Clock, OtherNqn, hostId: 2);
        ChangeSome(100);
        _vm.SetMigration(Active);
        _isTracked = true;
        _dirty.Clear();
        CopyBlocks(Enumerable.Range(0, Blocks).Select(block => (ulong)block));
        for (int step = 0; step < 60; step++)
        {
            ChangeSome(_random.Below(12));
            ReadRound((byte)_random.Below(4));
            if (_random.Chance(10))
                Pause();
        }

        ReadRound(LspAdvance);
        _vm.SetMigration(Active | Halted);
        TryFenced();
        ReadRound(LspAdvance);
        ReadRound(0);
        Assert.Equal(_contents, _copy);
        Assert.Equal(_written.Order(), BlocksOf(_vm.ReadRanges(LogPageId.VmWrittenRanges)));
        VerifySnapshots();
        output.WriteLine($"{_version} changes, {_refusedForRoom} refused for want of room");
    }

    private void Pause()
    {
        _vm.SetMigration(Active | Halted);
        TryFenced();
        ReadRound((byte)_random.Below(4));
        _vm.SetMigration(Active);
    }

    /// <summary>What the VM writes is refused and is in no set; others go on, and restore snapshots, and that is.</summary>
    private void TryFenced()
    {
        for (int i = 0; i < 4; i++)
        {
            CommandOutcome outcome = _vm.Transfer(IoOpcode.Write, _random.Below((ulong)Blocks), 1, new byte[4096]);
            TestHost.AssertStatus(Status.AsymmetricAccessInaccessible, outcome);
        }

        Change(_other);
        if (_snapshots.Count > 0)
            RestoreSnapshot();
    }

    private void ChangeSome(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int kind = _random.Below(100);
            if (kind < 5 && _snapshots.Count < 5)
                CreateSnapshot();
            else if (kind < 8 && _snapshots.Count > 0)
                DeleteSnapshot();
            else if (kind < 12 && _snapshots.Count > 0)
                RestoreSnapshot();
            else if (kind == 12 && _random.Chance(50))
                Format();
            else
                Change(_random.Chance(70) ? _vm : _other);
        }
    }

    private void Change(TestHost host)
    {
        int count = 1 + _random.Below(_random.Chance(20) ? 30 : 4);
        ulong start = _random.Below((ulong)(Blocks - count + 1));
        long version = ++_version;
        switch (_random.Below(7))
        {
            case 0:
                uint deac = _random.Chance(50) ? NvmCommandFields.Deac : 0;
                CommandOutcome zeroed = host.Io(IoOpcode.WriteZeroes, cdw10: (uint)start, cdw12: (uint)(count - 1) | deac);
                Changed(host, zeroed, start, count, _ => 0);
                break;
            case 1:
                Changed(host, VmMigrationLogTests.Deallocate(host, start, count), start, count, _ => 0);
                break;
            case 2:
                CommandOutcome marked = host.Io(IoOpcode.WriteUncorrectable, cdw10: (uint)start, cdw12: (uint)(count - 1));
                Changed(host, marked, start, count, _ => Unreadable);
                break;
            case 3:
                Copy(host, start, count);
                break;
            default:
                byte[] data = new byte[count * 4096];
                for (int i = 0; i < count; i++)
                    BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * 4096), version);
                Changed(host, host.Transfer(IoOpcode.Write, start, count, data), start, count, _ => version);
                break;
        }
    }

    private void Copy(TestHost host, ulong start, int count)
    {
        ulong source = _random.Below((ulong)(Blocks - count + 1));
        bool overlaps = source < start + (ulong)count && start < source + (ulong)count;
        if (overlaps || _contents.AsSpan((int)source, count).Contains(Unreadable))
            return;
        var descriptor = new CopyDescriptor { Slba = source, Nlb = (ushort)(count - 1) };
        CommandOutcome outcome = host.Io(IoOpcode.Copy, WireStruct.Bytes(ref descriptor), cdw10: (uint)start);
        Changed(host, outcome, start, count, block => _contents[source + (block - start)]);
    }

    private void Changed(TestHost host, CommandOutcome outcome, ulong start, int count, Func<ulong, long> contents)
    {
        if (WasRefused(outcome))
            return;
        for (ulong block = start; block < start + (ulong)count; block++)
        {
            _contents[block] = contents(block);
            Record(block, isOwn: host == _vm);
        }
    }

    /// <summary>A command that finds no room changes nothing, and is in no set.</summary>
    private bool WasRefused(CommandOutcome outcome)
    {
        if (outcome.Status.Matches(Status.CapacityExceeded))
        {
            _refusedForRoom++;
            return true;
        }

        TestHost.AssertStatus(Status.Success, outcome);
        return false;
    }

    private void Record(ulong block, bool isOwn)
    {
        if (_isTracked)
            _dirty.Add(block);
        if (isOwn)
            _written.Add(block);
        foreach ((_, HashSet<ulong> touched) in _snapshots.Values)
            touched.Add(block);
    }

    private void Format()
    {
        if (WasRefused(_other.Admin(AdminOpcode.FormatNvm, nsid: 1)))
            return;
        for (ulong block = 0; block < Blocks; block++)
        {
            _contents[block] = 0;
            Record(block, isOwn: true);
        }
    }

    private void CreateSnapshot() => _snapshots.Add(_other.CreateSnapshot(), ([.. _contents], []));

    private void DeleteSnapshot()
    {
        ushort id = AnySnapshot();
        _other.DeleteSnapshot(id);
        _snapshots.Remove(id);
    }

    /// <summary>What is recorded is what the delta tells beforehand.</summary>
    private void RestoreSnapshot()
    {
        ushort id = AnySnapshot();
        VerifyDelta(id);
        ulong[] delta = [.. BlocksOf(_other.ReadDelta(id))];
        if (WasRefused(_other.TrySnapshot(SnapshotAction.Restore, id)))
            return;
        _snapshots[id].Contents.CopyTo(_contents, 0);
        foreach (ulong block in delta)
            Record(block, isOwn: true);
    }

    private ushort AnySnapshot() => _snapshots.Keys.ElementAt(_random.Below(_snapshots.Count));

    private void ReadRound(byte actions)
    {
        if ((actions & LspUndo) != 0)
        {
            _dirty.UnionWith(_taken);
            _taken.Clear();
        }

        RangeList list = _vm.ReadDirty(actions);
        Assert.Equal(_dirty.Order(), BlocksOf(list));
        Assert.All(list.Ranges, range => Assert.True(!range.ReadsAsZero || IsZero(range)));
        CopyBlocks(BlocksOf(list));
        if ((actions & LspAdvance) == 0)
            return;
        _taken.Clear();
        _taken.UnionWith(_dirty);
        _dirty.Clear();
    }

    private bool IsZero(Range range) => !_contents.AsSpan((int)range.Start, (int)range.Blocks).ContainsAnyExcept(0);

    private void CopyBlocks(IEnumerable<ulong> blocks)
    {
        byte[] data = new byte[4096];
        foreach (ulong block in blocks)
        {
            CommandOutcome outcome = _other.Transfer(IoOpcode.Read, block, 1, data);
            if (!outcome.IsSuccess)
                TestHost.AssertStatus(Status.UnrecoveredReadError, outcome);
            _copy[block] = outcome.IsSuccess ? BinaryPrimitives.ReadInt64LittleEndian(data) : Unreadable;
        }
    }

    private void VerifySnapshots()
    {
        foreach ((ushort id, (long[] contents, _)) in _snapshots)
        {
            VerifyDelta(id);
            for (uint page = 0; page < Blocks; page++)
            {
                byte[]? data = _other.ReadSnapshotPage(id, page);
                long found = data == null ? Unreadable : data.Length == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(data);
                Assert.True(contents[page] == found, $"block {page} of snapshot {id} is {found} instead of {contents[page]}");
            }
        }
    }

    private void VerifyDelta(ushort id)
    {
        (long[] contents, HashSet<ulong> touched) = _snapshots[id];
        RangeList list = _other.ReadDelta(id);
        HashSet<ulong> delta = [.. BlocksOf(list)];
        for (ulong block = 0; block < Blocks; block++)
            Assert.True(contents[block] == _contents[block] || delta.Contains(block), $"block {block} differs from snapshot {id} and is not told");
        Assert.All(list.Ranges, range => Assert.True(!range.ReadsAsZero || IsZero(range)));
        HashSet<ulong> mayBeTold = [.. touched, .. MarkedIn(contents), .. MarkedIn(_contents)];
        Assert.Subset(mayBeTold, delta);
    }

    private static IEnumerable<ulong> MarkedIn(long[] contents) =>
        Enumerable.Range(0, Blocks).Where(block => contents[block] == Unreadable).Select(block => (ulong)block);

    private static IEnumerable<ulong> BlocksOf(RangeList list)
    {
        foreach (Range range in list.Ranges)
        {
            for (ulong block = range.Start; block < range.Start + range.Blocks; block++)
                yield return block;
        }
    }
}
