using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Ftl;
using Emulator.Transforms;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>
/// A VM writes at random while it is moved, the link is cut and restored at random, the manager pauses and cancels and
/// starts again: at the end the destination holds what the source does.
/// </summary>
public sealed class TransferPropertyTests
{
    private static readonly PageTransforms Transforms = new() { Compression = CompressionKind.Lz4, IsEncrypted = true, CorrectedBits = 8 };
    private static readonly PageCodecFactory Codecs = new(new DriveSecret("a secret of the tests"u8));

    private static readonly DirectTransferMode[] Modes =
    [
        DirectTransferMode.WholeCapacity, DirectTransferMode.WrittenRanges, DirectTransferMode.SnapshotDelta, DirectTransferMode.Checksums,
    ];

    private static readonly DirectTransferMode[] Restarts =
        [DirectTransferMode.WholeCapacity, DirectTransferMode.Checksums, DirectTransferMode.DirtyRanges];

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 60).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_destination_equals_the_source_whatever_happens_on_the_way(ulong seed)
    {
        var random = new SeededRandom(seed);
        using TransferRig rig = MakeRig(random);
        var writer = new RandomWriter(rig.Vm, random);
        DirectTransferMode mode = Modes[random.Below(Modes.Length)];
        ushort snapshot = mode == DirectTransferMode.SnapshotDelta ? (ushort)rig.Manager.CreateSnapshot() : (ushort)0;
        for (int i = random.Below(200); i > 0; i--)
            writer.Change();
        if (mode is DirectTransferMode.WholeCapacity or DirectTransferMode.Checksums)
            FillDestination(rig, random);
        rig.Activate();
        Start(rig, random, mode, snapshot);
        for (int step = 20 + random.Below(80); step > 0; step--)
            Disturb(rig, random, writer);

        rig.Link.Restore();
        do
        {
            // One that was never connected fails with the first link that is cut.
            if (rig.Phase is DirectTransferPhase.Cancelled or DirectTransferPhase.Failed)
                Restart(rig, random);
            rig.HaltAndFinish();
            rig.RunUntil(DirectTransferPhase.Done, DirectTransferPhase.Failed);
        }
        while (rig.Phase == DirectTransferPhase.Failed);

        rig.AssertSame($"seed {seed}");
        Assert.Equal(0UL, rig.Progress.BytesDirty.Value);
    }

    private static TransferRig MakeRig(SeededRandom random)
    {
        CacheMode mode = random.Chance(50) ? CacheMode.WriteBack : CacheMode.WriteThrough;
        PageTransforms transforms = random.Chance(50) ? Transforms : default;
        return new TransferRig(
            changeDestination: options => Transformed(options, transforms) with { Cache = options.Cache with { Mode = mode } },
            changeSource: options => Transformed(options, transforms) with { CapacityBytes = 64 << 20 },
            linkBytesPerSecond: 2_000_000 << random.Below(10),
            latencyMicroseconds: 1 << random.Below(12));
    }

    private static DriveOptions Transformed(DriveOptions options, PageTransforms transforms) => options with
    {
        Codecs = Codecs,
        Namespaces = [.. options.Namespaces.Select(ns => ns with { Transforms = transforms })],
    };

    /// <summary>What an older image, or somebody else, left there: some of it as the source has it.</summary>
    private static void FillDestination(TransferRig rig, SeededRandom random)
    {
        byte[] data = new byte[8 * TransferRig.BlockBytes];
        for (int i = random.Below(60); i > 0; i--)
        {
            ulong block = 8 * (ulong)random.Below(256);
            if (random.Chance(50))
                rig.Vm.Transfer(IoOpcode.Read, block, 8, data);
            else
                random.Fill(data);
            TestHost.AssertStatus(Status.Success, rig.VmThere.Transfer(IoOpcode.Write, block, 8, data));
        }
    }

    private static void Restart(TransferRig rig, SeededRandom random) => Start(rig, random, Restarts[random.Below(Restarts.Length)]);

    private static void Start(TransferRig rig, SeededRandom random, DirectTransferMode mode, ushort snapshot = 0)
    {
        DirectTransferRequest request = rig.Request(mode);
        request.Snapshot = snapshot;
        request.ChecksumShift = mode == DirectTransferMode.Checksums ? (byte)random.Below(9) : (byte)0;
        request.Queues = (byte)(1 + random.Below(4));
        request.Depth = (ushort)(1 + random.Below(16));
        request.Form = (byte)random.Below(2);
        request.CommandBytes = 4096u << (request.Form + random.Below(5));
        request.ConvergedBytes = 1u << (12 + random.Below(10));
        request.SharePercent = (byte)(1 + random.Below(100));
        request.BytesPerSecond = random.Chance(30) ? 1_000_000u << random.Below(6) : 0;
        rig.Start(request);
    }

    private static void Disturb(TransferRig rig, SeededRandom random, RandomWriter writer)
    {
        switch (random.Below(20))
        {
            case 0:
                rig.Link.Cut();
                break;
            case < 4:
                rig.Link.Restore();
                break;
            case 4:
                rig.Control(DirectTransferAction.Pause);
                break;
            case < 8:
                rig.Control(DirectTransferAction.Resume);
                break;
            case 8 when random.Chance(30):
                rig.Control(DirectTransferAction.Cancel);
                break;
            case 9 when rig.Phase is DirectTransferPhase.Cancelled or DirectTransferPhase.Failed:
                Restart(rig, random);
                break;
            case 10:
                rig.Run(SimDuration.FromSeconds(random.Below(15)));
                break;
            default:
                for (int i = random.Below(10); i > 0; i--)
                {
                    writer.Change();
                    rig.Run(SimDuration.FromMicroseconds(1 + random.Below(2000)));
                }

                break;
        }
    }
}
