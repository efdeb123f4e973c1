using System.Diagnostics;
using System.Globalization;
using Emulator.ConformanceTests.Durability;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>
/// The destination, the source or the link is killed at random moments of transfers, thirty times in all, or as often as
/// EMULATOR_TRANSFER_KILLS says, from a seed that EMULATOR_TRANSFER_SEED can be. Without the link or the destination the
/// transfer goes on when it is back, and ends with both alike; when they do not come back in time it fails and says why.
/// Without the source there is no transfer any more. Then the source serves everything, and another transfer ends with both
/// alike.
/// </summary>
public sealed class TransferKillTests(ITestOutputHelper output)
{
    private static readonly int Kills = (int)Setting("EMULATOR_TRANSFER_KILLS", 30);
    private static readonly ulong Seed = Setting("EMULATOR_TRANSFER_SEED", 20261123);

    /// <summary>For transfers that the destination is known to have nothing for.</summary>
    private static readonly DirectTransferMode[] FromAnything = [DirectTransferMode.WholeCapacity, DirectTransferMode.Checksums];

    /// <summary>For transfers to a destination that has all that is not dirty.</summary>
    private static readonly DirectTransferMode[] FromEqual =
        [DirectTransferMode.WholeCapacity, DirectTransferMode.Checksums, DirectTransferMode.DirtyRanges];

    // As many blocks as WrittenBlocks writes, and room for the transfer to take a moment.
    private const string Namespaces = """{ "size": "48MiB" }""";

    private readonly SeededRandom _random = new(Seed);
    private readonly WrittenBlocks _blocks = new();
    private readonly int[] _killed = new int[3];
    private int _failed;
    private bool _isPatient;
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
        for (int kills = 0; kills < Kills;)
        {
            int victims = Math.Min(1 + _random.Below(2), Kills - kills);
            await Move(pair, kills == 0 ? FromAnything : FromEqual, victims);
            kills += victims;
        }

        output.WriteLine(
            $"seed {Seed}: killed the link {_killed[0]}, the destination {_killed[1]}, the source {_killed[2]} times; "
            + $"{_failed} transfers failed, {_connectionsLost} connections lost, {_repeated >> 20} MiB repeated, {_blocks.Writes} writes of the VM");
        Assert.Equal(Kills, _killed.Sum());
    }

    /// <summary>One transfer with a number of kills; done when both are alike.</summary>
    private async Task Move(TransferPair pair, DirectTransferMode[] modes, int victims)
    {
        HostController vm = pair.ConnectVm();
        try
        {
            Start(pair, modes);
            while (victims-- > 0)
            {
                WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(_random.Below(250)));
                var victim = (Victim)_random.Below(3);
                _killed[(int)victim]++;
                await Kill(pair, victim, vm);
                if (victim == Victim.Source)
                {
                    vm.Dispose();
                    vm = pair.ConnectVm();
                    _blocks.VerifyRecovered(vm.IoQueues[0]);
                    Assert.Equal((byte)DirectTransferPhase.None, pair.Progress().Phase);
                    Start(pair, FromAnything);
                }
                else if (!_isPatient)
                {
                    Start(pair, FromEqual);
                }
            }

            Finish(pair);
        }
        finally
        {
            vm.Dispose();
        }
    }

    private void Start(TransferPair pair, DirectTransferMode[] modes)
    {
        pair.SetSource(VmMigrationFlags.Active);
        DirectTransferRequest request = pair.Request(modes[_random.Below(modes.Length)]);
        request.Form = (byte)_random.Below(2);
        request.BytesPerSecond = 100 << 20;
        _isPatient = _random.Chance(80);
        request.ReconnectSeconds = _isPatient ? 60u : 1u;
        pair.StartTransfer(request);
        pair.WaitFor(
            DirectTransferPhase.Comparing, DirectTransferPhase.Copying, DirectTransferPhase.CatchingUp, DirectTransferPhase.Converged);
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
                ExpectFailure(pair, vm);
                pair.Proxy.Restore();
                break;
            case Victim.Destination:
                pair.KillDestination();
                WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(_random.Below(100)));
                ExpectFailure(pair, vm);
                await pair.StartDestination();
                break;
            default:
                pair.KillSource();
                await pair.StartSource();
                break;
        }
    }

    /// <summary>A transfer that is not patient ends before what it needs is back: the VM has everything, and goes on.</summary>
    private void ExpectFailure(TransferPair pair, HostController vm)
    {
        if (_isPatient)
            return;
        DirectTransferProgress progress = pair.WaitForEnd(DirectTransferPhase.Failed);
        Assert.Equal((ushort)DirectTransferReason.ConnectionLost, progress.Reason.Value);
        Assert.NotEqual("", TextField.ReadPadded(progress.Text));
        _blocks.VerifyCurrent(vm.IoQueues[0]);
        _failed++;
    }

    private void Finish(TransferPair pair)
    {
        pair.SetSource(VmMigrationFlags.Active | VmMigrationFlags.Halted);
        pair.Control(DirectTransferAction.Finish);
        DirectTransferProgress progress = pair.WaitFor(DirectTransferPhase.Done);
        _connectionsLost += progress.ConnectionsLost;
        _repeated += progress.BytesRepeated;
        pair.AssertSame(1);
        pair.AssertSameState();
        pair.SetSource(VmMigrationFlags.None);
    }

    private static ulong Setting(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out ulong value) ? value : otherwise;
}
