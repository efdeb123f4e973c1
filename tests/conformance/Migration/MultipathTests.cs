using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>
/// Two drives that present one subsystem and one namespace: a host with a path to each follows its VM by asymmetric access,
/// which the phases of the migration steer.
/// </summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class MultipathTests(ITestOutputHelper output) : IDisposable
{
    private const byte DirtyPage = 0xD3;
    private const byte Advance = 1;
    private const uint Active = 1;
    private const uint Destination = 2;
    private const uint Halted = 4;
    private const uint Completed = 8;
    private const int Blocks = 512;
    private const int BlockBytes = 4096;

    private readonly MigrationPair _pair = new(there => there with { IsStandby = true });

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Both_paths_lead_to_the_same_namespace_by_different_controllers()
    {
        foreach (IdentifyCns cns in new[] { IdentifyCns.NamespaceIdentificationDescriptors, IdentifyCns.Namespace })
            Assert.Equal(Identify(_pair.Vm, cns), Identify(_pair.Arriving, cns));
        Assert.NotEqual(_pair.Vm.Id, _pair.Arriving.Id);
        byte[] controller = Identify(_pair.Vm, IdentifyCns.Controller);
        byte[] other = Identify(_pair.Arriving, IdentifyCns.Controller);
        Assert.Equal(controller[768..1024], other[768..1024]);
        // CMIC: several controllers and asymmetric access; NMIC: the namespace is shared.
        Assert.Equal(0b1010, controller[76] & 0b1010);
        Assert.Equal(1, Identify(_pair.Vm, IdentifyCns.Namespace)[30] & 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_host_that_writes_all_the_time_follows_its_VM_and_finds_what_it_wrote(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new SeededRandom(seed);
        byte[][] expected = [.. Enumerable.Range(0, Blocks).Select(_ => new byte[BlockBytes])];
        using var host = new MultipathHost((_pair.Vm, _pair.VmQueue), (_pair.Arriving, _pair.ArrivingQueue));
        Assert.Equal([AnaState.Optimized, AnaState.Inaccessible], host.States);

        WriteRandomly(host, random, expected, 200);
        _pair.Destination.Migrate(Active | Destination, target: _pair.To);
        _pair.Source.Migrate(Active, target: _pair.From);
        Copy([(0, Blocks)]);
        for (int round = 0; round < 3; round++)
        {
            WriteRandomly(host, random, expected, 50);
            Copy(TakeRound());
        }

        Assert.Equal(0, host.Retries);
        WriteRandomly(host, random, expected, 20);
        _pair.Source.Migrate(Active | Halted, target: _pair.From);
        Copy(TakeRound());
        _pair.Destination.Migrate(Completed, target: _pair.To);
        _pair.Source.Migrate(Completed, target: _pair.From);
        WriteRandomly(host, random, expected, 100);
        TestTarget.Eventually("both paths have said that they changed", () =>
        {
            host.TakeEvents();
            return host.Events == 2;
        });

        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], host.States);
        byte[] block = new byte[BlockBytes];
        for (int i = 0; i < Blocks; i++)
        {
            Assert.Equal(Status.Success, host.Execute(HostCommands.Read(1, (ulong)i, 1), block));
            Assert.Equal(expected[i], block);
        }
    }

    [Fact]
    public async Task A_command_between_the_fence_and_the_arrival_is_carried_out_once_at_the_destination()
    {
        using var host = new MultipathHost((_pair.Vm, _pair.VmQueue), (_pair.Arriving, _pair.ArrivingQueue));
        _pair.Destination.Migrate(Active | Destination, target: _pair.To);
        _pair.Source.Migrate(Active | Halted, target: _pair.From);
        byte[] data = [.. Enumerable.Repeat((byte)0x3C, BlockBytes)];
        Task<Status> write = Task.Run(() => host.Execute(HostCommands.Write(1, 7, 1), data));
        TestTarget.Eventually("the write was refused", () => host.Retries > 0);

        _pair.Destination.Migrate(Completed, target: _pair.To);
        Assert.Equal(Status.Success, await write);

        byte[] there = new byte[BlockBytes];
        Assert.Equal(Status.Success, _pair.DestinationQueue.Execute(HostCommands.Read(1, 7, 1), there).Status);
        Assert.Equal(data, there);
        Assert.Equal(Status.Success, _pair.SourceQueue.Execute(HostCommands.Read(1, 7, 1), there).Status);
        Assert.All(there, b => Assert.Equal(0, b));
    }

    private static byte[] Identify(HostController host, IdentifyCns cns)
    {
        byte[] data = new byte[4096];
        host.Succeed($"Identify {cns}", HostCommands.Identify(cns, cns == IdentifyCns.Controller ? 0 : 1u), data);
        return data;
    }

    private static void WriteRandomly(MultipathHost host, SeededRandom random, byte[][] expected, int writes)
    {
        for (int i = 0; i < writes; i++)
        {
            int block = random.Below(Blocks);
            random.Fill(expected[block]);
            Assert.Equal(Status.Success, host.Execute(HostCommands.Write(1, (ulong)block, 1), expected[block]));
        }
    }

    private (ulong First, int Count)[] TakeRound()
    {
        byte[] page = _pair.Source.GetLog(DirtyPage, PieceBytes, Advance, _pair.From);
        return [.. Enumerable.Range(0, (int)U64(page, 24)).Select(i => (U64(page, 64 + (i * 32)), (int)U64(page, 72 + (i * 32))))];
    }

    private void Copy((ulong First, int Count)[] ranges)
    {
        foreach ((ulong first, int count) in ranges)
        {
            byte[] data = new byte[BlockBytes];
            for (ulong block = first; block < first + (ulong)count; block++)
            {
                Assert.Equal(Status.Success, _pair.SourceQueue.Execute(HostCommands.Read(1, block, 1), data).Status);
                Assert.Equal(Status.Success, _pair.DestinationQueue.Execute(HostCommands.Write(1, block, 1), data).Status);
            }
        }
    }
}
