using System.Diagnostics;
using System.Globalization;
using Emulator.ConformanceTests.Durability;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>
/// The destination, the source or the link is killed at random moments of schemes, on media in files, as often as
/// EMULATOR_SCHEME_KILLS says, from a seed that EMULATOR_SCHEME_SEED can be. Whatever was flushed is at the source afterwards: from
/// its log when the destination is gone, and from what it finds of the log when it was killed itself. Then another
/// transfer goes to its end.
/// </summary>
public sealed class SchemeKillTests(ITestOutputHelper output)
{
    private static readonly int Kills = (int)Setting("EMULATOR_SCHEME_KILLS", 5);
    private static readonly ulong Seed = Setting("EMULATOR_SCHEME_SEED", 20261122);

    // As many blocks as WrittenBlocks writes.
    private const string Namespaces = """{ "size": "16MiB" }""";

    private readonly WrittenBlocks _blocks = new();
    private readonly int[] _killed = new int[3];
    private SeededRandom _random = new(Seed);
    private ulong _logged;

    public static TheoryData<DirectTransferScheme> Schemes => SchemeTransferTests.Schemes;

    private enum Victim
    {
        Link,
        Destination,
        Source,
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task Whoever_is_killed_what_was_flushed_is_there(DirectTransferScheme scheme)
    {
        _random = new SeededRandom(Seed + (ulong)scheme);
        using TransferPair pair = await TransferPair.Start(onFiles: true, Namespaces);
        HostController vm = pair.ConnectVm();
        try
        {
            for (int i = 0; i < Kills; i++)
            {
                Start(pair, scheme);
                WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(_random.Below(400)));
                var victim = (Victim)(i % 3);
                _killed[(int)victim]++;
                if (victim == Victim.Source)
                {
                    pair.KillSource();
                    vm.Dispose();
                    await pair.StartSource();
                    vm = pair.ConnectVm();
                    _blocks.VerifyRecovered(vm.IoQueues[0]);
                }
                else
                {
                    await Lose(pair, victim, vm.IoQueues[0]);
                    _blocks.VerifyCurrent(vm.IoQueues[0]);
                }
            }

            Start(pair, scheme);
            WriteFor(vm.IoQueues[0], TimeSpan.FromMilliseconds(200));
            pair.WaitFor(DirectTransferPhase.Converged);
            _blocks.Flush(vm.IoQueues[0]);
            pair.SetSource(VmMigrationFlags.Active | VmMigrationFlags.Halted);
            pair.Control(DirectTransferAction.Finish);
            pair.WaitFor(DirectTransferPhase.Done);
            _blocks.VerifyCurrent(pair.ManagerThere.IoQueues[0]);
        }
        finally
        {
            vm.Dispose();
        }

        output.WriteLine(
            $"seed {Seed}: killed the link {_killed[0]}, the destination {_killed[1]}, the source {_killed[2]} times; "
            + $"{_blocks.Writes} writes, {_blocks.Flushes} flushes, {_blocks.Lost} blocks older than their last write; log {_logged >> 10} KiB");
    }

    /// <summary>The destination is not there for longer than it is waited for.</summary>
    private async Task Lose(TransferPair pair, Victim victim, HostQueue queue)
    {
        if (victim == Victim.Link)
            pair.Proxy.Cut();
        else
            pair.KillDestination();
        WriteFor(queue, TimeSpan.FromMilliseconds(_random.Below(300)));
        DirectTransferProgress progress = pair.WaitForEnd(DirectTransferPhase.Failed);
        Assert.Equal((ushort)DirectTransferReason.ConnectionLost, progress.Reason.Value);
        _logged += progress.LogBytes;
        WriteFor(queue, TimeSpan.FromMilliseconds(_random.Below(100)));
        if (victim == Victim.Link)
            pair.Proxy.Restore();
        else
            await pair.StartDestination();
    }

    private void Start(TransferPair pair, DirectTransferScheme scheme)
    {
        pair.SetDestination(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        pair.SetSource(VmMigrationFlags.Active);
        DirectTransferRequest request = pair.Request(DirectTransferMode.WholeCapacity);
        (request.Scheme, request.ReconnectSeconds, request.BytesPerSecond) = ((byte)scheme, 1, 100 << 20);
        // What a transfer before has left of commands is over soon.
        TestTarget.Eventually("a transfer can begin", () => pair.TryStartTransfer(request));
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

    private static ulong Setting(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out ulong value) ? value : otherwise;
}
