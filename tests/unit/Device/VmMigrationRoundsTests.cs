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
/// Whole migrations of random commands, of a VM with its own controller and of one that shares it: the rounds and the final
/// set hold each block that changed in the round in which it did, a write that the fence refused is in none, and the
/// copy is the source.
/// </summary>
public sealed class VmMigrationRoundsTests(ITestOutputHelper output) : IDisposable
{
    private const int Blocks = 256;
    private const ushort Handle = 0x8000;
    private const ushort Stream = 21;
    private const string OtherNqn = "nqn.2026-11.io.emulator:other";

    private readonly byte[] _copy = new byte[Blocks * 4096];
    private readonly HashSet<ulong> _written = [];
    private readonly HashSet<ulong> _dirty = [];
    private readonly HashSet<ulong> _taken = [];
    private readonly HashSet<ulong> _copied = [];
    private readonly Drive _drive = new(new DriveOptions
    {
        CapacityBytes = 4 << 20,
        Namespaces = [new NamespaceOptions { SizeBytes = Blocks * 4096 }],
    });

    private SeededRandom _random = new(0);
    private TestHost _vm = null!;
    private TestHost _other = null!;
    private bool _shares;
    private int _refused;

    private ushort Target => _shares ? Handle : (ushort)0;

    public void Dispose() => _drive.Dispose();

    public static TheoryData<ulong, bool> Runs
    {
        get
        {
            var runs = new TheoryData<ulong, bool>();
            for (ulong seed = 1; seed <= 12; seed++)
                runs.Add(seed, seed % 2 == 0);
            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Rounds_and_the_final_set_are_what_changed_and_no_fenced_write_is_among_it(ulong seed, bool sharesController)
    {
        output.WriteLine($"seed {seed}");
        (_random, _shares) = (new SeededRandom(seed), sharesController);
        _vm = TestHost.Connect(_drive, new TestClock());
        _other = TestHost.Connect(_drive, _vm.Clock, OtherNqn, hostId: 2);
        if (_shares)
            TestHost.AssertStatus(Status.Success, _vm.SetFeature(FeatureId.VmBinding, Handle, cdw12: Stream));
        ChangeSome(60, isTracked: false);
        _vm.SetMigration(Active, target: Target);
        CopyAll(_vm.ReadRanges(LogPageId.VmWrittenRanges, target: Target));
        for (int step = 0; step < 40; step++)
        {
            ChangeSome(_random.Below(8), isTracked: true);
            ReadRound((byte)_random.Below(4));
            if (_random.Chance(10))
                Pause();
        }

        ReadRound(LspAdvance);
        _vm.SetMigration(Active | Halted, target: Target);
        TryFenced();
        ReadRound(LspAdvance);
        ReadRound(0);
        Assert.True(_refused > 0);
        AssertSame(seed);
        _vm.SetMigration(Completed, target: Target);
        TryFenced();
        AssertSame(seed);
    }

    /// <summary>The hypervisor pauses the VM, finds that too much is left, and lets it run on.</summary>
    private void Pause()
    {
        _vm.SetMigration(Active | Halted, target: Target);
        TryFenced();
        ReadRound((byte)_random.Below(4));
        _vm.SetMigration(Active, target: Target);
    }

    /// <summary>What the VM tries under the fence is refused; others go on, and that is seen.</summary>
    private void TryFenced()
    {
        for (int i = 0; i < 5; i++)
        {
            ulong block = _random.Below((ulong)Blocks);
            byte[] data = new byte[4096];
            _random.Fill(data);
            CommandOutcome outcome = _shares
                ? StorageStateTests.TryWriteToStream(_vm, block, 1, Stream)
                : _vm.Transfer(IoOpcode.Write, block, 1, data);
            TestHost.AssertStatus(Status.AsymmetricAccessInaccessible, outcome);
            _refused++;
        }

        if (_vm.GetMigration(Target).HasFlag(Active))
            Change(isVm: false, isTracked: true);
    }

    private void ChangeSome(int count, bool isTracked)
    {
        for (int i = 0; i < count; i++)
            Change(isVm: _random.Chance(70), isTracked);
        if (isTracked && _random.Chance(3))
            Format();
    }

    private void Change(bool isVm, bool isTracked)
    {
        int count = 1 + _random.Below(_random.Chance(20) ? 40 : 4);
        ulong start = _random.Below((ulong)(Blocks - count + 1));
        byte[] data = new byte[count * 4096];
        _random.Fill(data);
        TestHost host = isVm ? _vm : _other;
        bool carriesStream = isVm && _shares;
        uint cdw12 = (uint)(count - 1) | (carriesStream ? (uint)DirectiveType.Streams << NvmCommandFields.DtypeShift : 0);
        uint cdw13 = carriesStream ? (uint)Stream << NvmCommandFields.DspecShift : 0;
        var source = new CopyDescriptor { Slba = _random.Below((ulong)(Blocks - count + 1)), Nlb = (ushort)(count - 1) };
        int kind = _random.Below(5);
        CommandOutcome outcome = kind switch
        {
            0 => host.Io(IoOpcode.WriteZeroes, cdw10: (uint)start, cdw12: cdw12, cdw13: cdw13),
            1 => host.Io(IoOpcode.Copy, WireStruct.Bytes(ref source), cdw10: (uint)start, cdw12: cdw12 & ~0xFFFFu, cdw13: cdw13),
            2 => VmMigrationLogTests.Deallocate(host, start, count),
            _ => host.Io(IoOpcode.Write, data, cdw10: (uint)start, cdw12: cdw12, cdw13: cdw13),
        };
        TestHost.AssertStatus(Status.Success, outcome);

        // Nothing tells whose a trim on a shared controller is; it counts where the VM has written.
        bool isOwn = isVm && !(_shares && kind == 2);
        for (ulong block = start; block < start + (ulong)count; block++)
            Changed(block, isOwn, isTracked);
    }

    private void Changed(ulong block, bool isOwn, bool isTracked)
    {
        if (isTracked && (isOwn || !_shares || _written.Contains(block)))
            _dirty.Add(block);
        if (isOwn)
            _written.Add(block);
    }

    private void Format()
    {
        TestHost.AssertStatus(Status.Success, _other.Admin(AdminOpcode.FormatNvm, nsid: 1));
        for (ulong block = 0; block < Blocks; block++)
            Changed(block, isOwn: true, isTracked: true);
    }

    private void ReadRound(byte actions)
    {
        if ((actions & LspUndo) != 0)
        {
            _dirty.UnionWith(_taken);
            _taken.Clear();
        }

        RangeList list = _vm.ReadDirty(actions, Target);
        Assert.Equal(_dirty.Order(), BlocksOf(list));
        CopyAll(list);
        if ((actions & LspAdvance) == 0)
            return;
        _taken.Clear();
        _taken.UnionWith(_dirty);
        _dirty.Clear();
    }

    private static IEnumerable<ulong> BlocksOf(RangeList list)
    {
        foreach (Range range in list.Ranges)
        {
            for (ulong block = range.Start; block < range.Start + range.Blocks; block++)
                yield return block;
        }
    }

    private void CopyAll(RangeList list)
    {
        foreach (Range range in list.Ranges)
        {
            for (ulong block = range.Start; block < range.Start + range.Blocks; block++)
            {
                _copied.Add(block);
                Span<byte> target = _copy.AsSpan((int)block * 4096, 4096);
                if (range.ReadsAsZero)
                    target.Clear();
                else
                    TestHost.AssertStatus(Status.Success, _other.Transfer(IoOpcode.Read, block, 1, target));
            }
        }
    }

    /// <summary>All blocks that the VM has written, and all that were ever in a list.</summary>
    private void AssertSame(ulong seed)
    {
        byte[] block = new byte[4096];
        foreach (ulong i in _written.Union(_copied))
        {
            TestHost.AssertStatus(Status.Success, _other.Transfer(IoOpcode.Read, i, 1, block));
            Assert.True(block.AsSpan().SequenceEqual(_copy.AsSpan((int)i * 4096, 4096)), $"seed {seed}: block {i} differs");
        }
    }
}
