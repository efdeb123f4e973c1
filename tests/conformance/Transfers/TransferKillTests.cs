using System.Diagnostics;
using Emulator.ConformanceTests.Durability;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>
/// The destination, the source or the link is killed at a random moment of a transfer, thirty times in all. Without the
/// link or the destination the transfer goes on when it is back, and ends with both alike; without the source there is no
/// transfer any more, the source serves what it had when it is back, and another transfer ends with both alike.
/// </summary>
public sealed class TransferKillTests(ITestOutputHelper output)
{
    private const int Kills = 30;
    private const ulong Seed = 20261123;

    // As many blocks as WrittenBlocks writes, and room for the transfer to take a moment.
    private const string Namespaces = """{ "size": "48MiB" }""";

    private readonly SeededRandom _random = new(Seed);
    private readonly WrittenBlocks _blocks = new();
    private readonly int[] _killed = new int[3];
    private uint _connectionsLost;
    private ulong _repeated;

    private enum Victim
    {
        Link,
        Destination,
        Source,
    }

    [Fact]
    public async Task Whoever_is_killed_the_transfer_ends_with_both_alike()
    {
        using TransferPair pair = await TransferPair.Start(onFiles: true, Namespaces);
        var mode = DirectTransferMode.WholeCapacity;
        for (int kills = 0; kills < Kills;)
        {
            int victims = Math.Min(1 + _random.Below(2), Kills - kills);
            await Move(pair, mode, victims);
            kills += victims;
            // Both are alike now, so that what changes from now on is all there is to move.
            mode = _random.Chance(50) ? DirectTransferMode.DirtyRanges : DirectTransferMode.WholeCapacity;
        }

        output.WriteLine(
            $"seed {Seed}: killed the link {_killed[0]}, the destination {_killed[1]}, the source {_killed[2]} times; "
            + $"{_connectionsLost} connections lost, {_repeated >> 20} MiB repeated, {_blocks.Writes} writes of the VM");
        Assert.Equal(Kills, _killed.Sum());
    }

    /// <summary>One transfer with a number of kills; done when both are alike.</summary>
    private async Task Move(TransferPair pair, DirectTransferMode mode, int victims)
    {
        HostController vm = pair.ConnectVm();
        try
        {
            Start(pair, mode);
            while (victims-- > 0)
            {
                WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(_random.Below(250)));
                var victim = (Victim)_random.Below(3);
                _killed[(int)victim]++;
                await Kill(pair, victim, vm);
                if (victim != Victim.Source)
                    continue;
                vm.Dispose();
                vm = pair.ConnectVm();
                _blocks.Verify(vm.IoQueues[0]);
                Assert.Equal((byte)DirectTransferPhase.None, pair.Progress().Phase);
                Start(pair, DirectTransferMode.WholeCapacity);
            }

            Finish(pair);
        }
        finally
        {
            vm.Dispose();
        }
    }

    private void Start(TransferPair pair, DirectTransferMode mode)
    {
        pair.SetSource(VmMigrationFlags.Active);
        DirectTransferRequest request = pair.Request(mode);
        request.BytesPerSecond = 100 << 20;
        pair.StartTransfer(request);
        pair.WaitFor(DirectTransferPhase.Copying, DirectTransferPhase.CatchingUp, DirectTransferPhase.Converged);
    }

    private void WriteFor(HostQueue queue, TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            _blocks.WriteSome(queue, _random);
            if (_random.Chance(20))
                _blocks.Flush(queue);
        }
    }

    private async Task Kill(TransferPair pair, Victim victim, HostController vm)
    {
        switch (victim)
        {
            case Victim.Link:
                pair.Proxy.Cut();
                WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(_random.Below(400)));
                pair.Proxy.Restore();
                break;
            case Victim.Destination:
                pair.KillDestination();
                WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(_random.Below(100)));
                await pair.StartDestination();
                break;
            default:
                pair.KillSource();
                await pair.StartSource();
                break;
        }
    }

    private void Finish(TransferPair pair)
    {
        pair.SetSource(VmMigrationFlags.Active | VmMigrationFlags.Halted);
        pair.Control(DirectTransferAction.Finish);
        DirectTransferProgress progress = pair.WaitFor(DirectTransferPhase.Done);
        _connectionsLost += progress.ConnectionsLost;
        _repeated += progress.BytesRepeated;
        pair.AssertSame(1);
        pair.SetSource(VmMigrationFlags.None);
    }
}
