using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.UnitTests.Migration;
using Emulator.Wire;
using Xunit.Abstractions;
using static Emulator.Wire.VmMigrationFlags;
using static Emulator.Wire.VmStorageStateFlags;

namespace Emulator.UnitTests.Device;

/// <summary>
/// Storage states that are damaged in random ways, in random chunks, from two managers at once, one of which dies: the
/// statuses of the contract, and nothing half applied. A seed repeats a run.
/// </summary>
public sealed class StateFuzzTests : IDisposable
{
    private const int Mutations = 200;
    private const string FirstManager = "nqn.2026-11.io.emulator:hypervisor1";
    private const string SecondManager = "nqn.2026-11.io.emulator:hypervisor2";

    private static readonly Status[] Expected =
        [Status.Success, Status.InvalidField, Status.StorageStateInvalid, Status.StorageStateIncompatible, Status.LimitReached];

    private readonly ITestOutputHelper _output;
    private readonly Drive _source;
    private readonly Drive _destination;
    private readonly TestHost _from;
    private readonly TestHost _vm;
    private readonly TestHost _manager;
    private readonly TestHost _other;

    public StateFuzzTests(ITestOutputHelper output)
    {
        _output = output;
        _source = new Drive(Options);
        _destination = new Drive(Options with { Managers = [FirstManager, SecondManager], FirstControllerId = 0x100, LastControllerId = 0x1FF });
        _from = TestHost.Connect(_source, new TestClock());
        _vm = TestHost.Connect(_destination, _from.Clock);
        _manager = TestHost.Connect(_destination, _from.Clock, FirstManager, hostId: 2);
        _other = TestHost.Connect(_destination, _from.Clock, SecondManager, hostId: 3);
        StorageStateTests.SetUp(_from);
        _manager.SetMigration(Active | Destination, target: Target);
    }

    private static DriveOptions Options => StorageStateTests.TwoNamespaces;

    private ushort Target => _vm.ControllerId;

    public static TheoryData<ulong> Seeds => [101, 102, 103, 104];

    public void Dispose()
    {
        _source.Dispose();
        _destination.Dispose();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_damaged_state_is_refused_as_a_whole_or_is_one(ulong seed)
    {
        var random = new SeededRandom(seed);
        var counts = new SortedDictionary<string, int>();
        _from.SetMigration(Active);
        byte[] good = _from.ReadStateBytes();
        _from.Write(600, 3);
        byte[] delta = _from.ReadStateBytes(LogPageId.VmDirtyState);
        for (int i = 0; i < Mutations; i++)
        {
            bool isDelta = random.Chance(30);
            byte[] bad = Mutate(random, isDelta ? delta : good);
            VmStorageStateFlags also = (random.Chance(20) ? ValidateOnly : 0) | (isDelta ? Delta : 0);
            (string before, uint phase) = (Tell(), _manager.ReadStatus(Target).Phase);
            Status status = _manager.TrySendState(bad, First | Last | also, target: Target).Status;
            Assert.True(Array.Exists(Expected, expected => expected.Matches(status)), $"seed {seed}, mutation {i}: {status}");
            if (!status.IsSuccess || also.HasFlag(ValidateOnly))
                Assert.True(before == Tell() && phase == _manager.ReadStatus(Target).Phase, $"seed {seed}, mutation {i}: {status} and changes");
            counts[status.ToString()] = counts.GetValueOrDefault(status.ToString()) + 1;
        }

        _output.WriteLine($"seed {seed}: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}");
        Assert.True(counts.Count >= 3, "mutations that all end alike prove little");
        _manager.SendState(good, target: Target);
        Assert.Equal((uint)VmMigrationPhase.Ready, (uint)_manager.ReadStatus(Target).Phase);
    }

    /// <summary>Without a drive: whatever the bytes are, there is a container or a problem.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_bytes_are_read_without_harm(ulong seed)
    {
        var random = new SeededRandom(seed);
        byte[] good = _from.ReadStateBytes();
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = random.Chance(10) ? Noise(random) : Mutate(random, good);
            StateContainer? container = StateContainer.Read(bytes, out string problem);
            Assert.True((container == null) == (problem.Length > 0), $"seed {seed}, input {i}: a container or a problem, \"{problem}\"");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Managers_that_send_at_once_and_out_of_order_do_not_mix_and_one_that_dies_leaves_nothing(ulong seed)
    {
        var random = new SeededRandom(seed);
        byte[] state = _from.ReadStateBytes();
        int applied = 0;
        var sent = new Dictionary<TestHost, int?> { [_manager] = null, [_other] = null };
        for (int step = 0; step < 400; step++)
        {
            TestHost sender = random.Chance(50) ? _manager : _other;
            if (random.Chance(2))
            {
                sender.Reconnect();
                sent[sender] = null;
            }

            if (random.Chance(3))
                sender.GetLog(LogPageId.VmStorageState, 64, specificIdentifier: Target);
            applied += SendSomeChunk(random, sender, state, sent) ? 1 : 0;
            bool isReady = _manager.ReadStatus(Target).Phase == (uint)VmMigrationPhase.Ready;
            Assert.True(isReady == applied > 0, $"seed {seed}, step {step}");
        }

        _output.WriteLine($"seed {seed}: applied {applied} times");
        Assert.True(applied > 0, $"seed {seed}: no state was ever complete");
    }

    /// <summary>A chunk that comes next or one that does not, as the model of each sender tells.</summary>
    private bool SendSomeChunk(SeededRandom random, TestHost sender, byte[] state, Dictionary<TestHost, int?> sent)
    {
        bool isFirst = sent[sender] == null ? random.Chance(80) : random.Chance(5);
        int at = isFirst ? 0 : sent[sender] ?? 1024;
        int offset = random.Chance(10) ? 4 * random.Below(state.Length / 4) : at;
        int count = Math.Min(state.Length - at, 4 * (1 + random.Below(state.Length / 12)));
        bool isLast = at + count == state.Length;
        Status expected = !isFirst && sent[sender] == null ? Status.CommandSequenceError
            : offset != at ? Status.InvalidField
            : Status.Success;

        VmStorageStateFlags flags = (isFirst ? First : 0) | (isLast ? Last : 0);
        TestHost.AssertStatus(
            expected, sender.TrySendState(state[at..(at + count)], flags, (uint)offset / 4, Target));
        if (isFirst && !expected.IsSuccess)
            sent[sender] = 0;
        if (!expected.IsSuccess)
            return false;
        sent[sender] = isLast ? null : at + count;
        return isLast;
    }

    private static byte[] Mutate(SeededRandom random, byte[] good)
    {
        byte[] bytes = [.. good];
        switch (random.Below(8))
        {
            case 0:
                return bytes[..(4 * (1 + random.Below((bytes.Length / 4) - 1)))];
            case 1:
                bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
                return bytes;
            case 2:
                byte[] more = new byte[64];
                random.Fill(more);
                return [.. bytes, .. more];
            case 3:
                bytes[4 + random.Below(60)] ^= (byte)(1 << random.Below(8));
                break;
            case 4:
                for (int i = random.Below(20); i >= 0; i--)
                    bytes[64 + random.Below(bytes.Length - 64)] = (byte)random.Below(256);
                break;
            case 5:
                int from = 64 + (8 * random.Below((bytes.Length - 64) / 8)), count = 8 * random.Below(20);
                bytes.AsSpan(from, Math.Min(count, bytes.Length - from)).Clear();
                break;
            default:
                int word = 64 + (4 * random.Below((bytes.Length - 64) / 4));
                BitConverter.TryWriteBytes(bytes.AsSpan(word), random.Chance(50) ? uint.MaxValue : (uint)random.Below(64));
                break;
        }

        StateContainerTests.Seal(bytes);
        return bytes;
    }

    private static byte[] Noise(SeededRandom random)
    {
        byte[] bytes = new byte[random.Below(2000)];
        random.Fill(bytes);
        if (bytes.Length >= 64)
        {
            BitConverter.TryWriteBytes(bytes, StateContainerHeader.MagicValue);
            bytes.AsSpan(4, 4).Clear();
            bytes[4] = 1;
            BitConverter.TryWriteBytes(bytes.AsSpan(8), (ulong)bytes.Length);
            bytes.AsSpan(48, 12).Clear();
            StateContainerTests.Seal(bytes);
        }

        return bytes;
    }

    /// <summary>All that the destination tells of the target, but counters of what is being tried on it.</summary>
    private string Tell()
    {
        StateContainer state = _other.ReadState(target: Target);
        return string.Join('\n', state.Attributes
            .Where(attribute => attribute.Key != new StateAttributeId(InterfaceAttribute.HealthCounters, 0))
            .Select(attribute => $"{attribute.Key} {Convert.ToHexString(attribute.Value.Span)}"));
    }
}
