using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>Direct transfers under a scheme: what a VM reads is what it wrote, wherever that is by then.</summary>
public sealed class SchemeTransferTests
{
    private const int FilledBlocks = 2048;

    public static TheoryData<DirectTransferScheme> Schemes =>
    [
        DirectTransferScheme.DirtyBlockTracking, DirectTransferScheme.Mirroring, DirectTransferScheme.LowRedundancy,
        DirectTransferScheme.SourceLowRedundancy, DirectTransferScheme.AsynchronousMirroring,
    ];

    public static TheoryData<DirectTransferScheme, ulong> SchemesAndSeeds
    {
        get
        {
            var data = new TheoryData<DirectTransferScheme, ulong>();
            foreach (DirectTransferScheme scheme in Enum.GetValues<DirectTransferScheme>()[1..])
            {
                for (ulong seed = 1; seed <= 12; seed++)
                    data.Add(scheme, seed);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void The_destination_has_everything_when_the_vm_is_paused(DirectTransferScheme scheme)
    {
        using var rig = new TransferRig();
        var random = new SeededRandom((ulong)scheme);
        var vm = new SchemeVm(rig, random);
        Write(vm, 300);
        rig.Activate();
        Start(rig, scheme);
        WorkUntil(rig, vm, DirectTransferPhase.Converged);
        Work(rig, vm, 200);

        rig.HaltAndFinish();
        RunUntil(rig, vm, DirectTransferPhase.Done);

        Assert.Equal(0, vm.Outstanding);
        vm.AssertHolds(rig.Destination, $"{scheme}");
        DirectTransferProgress progress = rig.Progress;
        Assert.True(progress.Requests > 100, $"{progress.Requests.Value} requests");
        Assert.Equal((byte)scheme, progress.Scheme);
        if (scheme is not (DirectTransferScheme.LowRedundancy or DirectTransferScheme.SourceLowRedundancy))
            vm.AssertHolds(rig.Source, $"{scheme}, source");
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_transfer_that_is_cancelled_leaves_the_vm_with_everything(DirectTransferScheme scheme)
    {
        using var rig = new TransferRig();
        var vm = new SchemeVm(rig, new SeededRandom(100 + (ulong)scheme));
        Write(vm, 300);
        rig.Activate();
        Start(rig, scheme);
        WorkUntil(rig, vm, DirectTransferPhase.Converged);
        Work(rig, vm, 200);

        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Cancel));
        WorkUntil(rig, vm, DirectTransferPhase.Cancelled);
        Work(rig, vm, 100);
        Drain(rig, vm);

        vm.AssertHolds(rig.Source, $"{scheme}");
        Assert.False(rig.Source.HasSchemes);
    }

    /// <summary>Nothing is under way whose end would be noticed.</summary>
    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_transfer_fails_when_the_link_is_lost_and_nobody_asks_for_anything(DirectTransferScheme scheme)
    {
        using var rig = new TransferRig();
        rig.Activate();
        Start(rig, scheme);
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.Link.Cut();
        rig.RunUntil(DirectTransferPhase.Failed);

        Assert.Equal(DirectTransferReason.ConnectionLost, rig.Reason);
        Assert.False(rig.Source.HasSchemes);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_vm_that_goes_on_after_the_end_has_everything_at_the_source(DirectTransferScheme scheme)
    {
        using var rig = new TransferRig();
        var vm = new SchemeVm(rig, new SeededRandom(200 + (ulong)scheme));
        Write(vm, 300);
        rig.Activate();
        Start(rig, scheme);
        WorkUntil(rig, vm, DirectTransferPhase.Converged);
        rig.HaltAndFinish();
        RunUntil(rig, vm, DirectTransferPhase.Done);

        rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
        Work(rig, vm, 100);
        Drain(rig, vm);

        vm.AssertHolds(rig.Source, $"{scheme}");
        Assert.False(rig.Source.HasSchemes);
    }

    [Fact]
    public void A_write_to_an_array_takes_its_time_under_a_scheme_too()
    {
        DeviceProfile profile = DeviceProfile.Find("array-ssd")!;
        using var rig = new TransferRig(options => options with
        {
            Profile = profile,
            Timing = DriveTiming.Model,
            Cache = options.Cache with { Mode = CacheMode.Off },
        });
        rig.Activate();
        Start(rig, DirectTransferScheme.DirtyBlockTracking);
        rig.RunUntil(DirectTransferPhase.Converged);

        SimTime begin = rig.Clock.Now;
        Assert.Equal(OutcomeKind.Pending, rig.Vm.Transfer(IoOpcode.Write, 0, 1, new byte[TransferRig.BlockBytes]).Kind);
        while (rig.Vm.IoEndpoint.Posted.Count == 0)
            rig.Run(SimDuration.FromMicroseconds(1));

        long least = profile.Array!.TimeToWrite(TransferRig.BlockBytes).Nanoseconds;
        Assert.InRange((rig.Clock.Now - begin).Nanoseconds, least, least + SimDuration.FromMilliseconds(1).Nanoseconds);
    }

    /// <summary>
    /// At 50 MB/s what eight commands of the copy carry would be 10 ms of the link's queue; one of them is 1.3 ms. No rests: they
    /// would make the link empty.
    /// </summary>
    [Fact]
    public void What_a_vm_writes_does_not_wait_for_much_of_the_copy()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 50_000_000);
        FillAndStart(rig, DirectTransferScheme.LowRedundancy, sharePercent: 100);
        List<double> waits = WaitsWhileCopying(rig, new SeededRandom(1));

        waits.Sort();
        Assert.InRange(waits[waits.Count / 2], 0, 4.5);
    }

    /// <summary>A rest of the copy is 10 ms and more.</summary>
    [Theory]
    [MemberData(nameof(Schemes))]
    public void What_a_vm_writes_does_not_wait_while_the_copy_rests(DirectTransferScheme scheme)
    {
        using var rig = new TransferRig(linkBytesPerSecond: 200_000_000);
        FillAndStart(rig, scheme, sharePercent: 10);
        List<double> waits = WaitsWhileCopying(rig, new SeededRandom((ulong)scheme));

        Assert.InRange(waits.Max(), 0, 8);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void What_a_vm_writes_does_not_wait_while_the_copy_is_paused(DirectTransferScheme scheme)
    {
        using var rig = new TransferRig(linkBytesPerSecond: 200_000_000);
        FillAndStart(rig, scheme, sharePercent: 100);
        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Pause));
        for (uint lba = 0; lba < FilledBlocks; lba += 4)
            Assert.InRange(WaitOfWrite(rig, lba), 0, 20);

        TestHost.AssertStatus(Status.Success, rig.Control(DirectTransferAction.Resume));
        rig.RunUntil(DirectTransferPhase.Converged);
    }

    [Theory]
    [InlineData("array-ssd", true)]
    [InlineData("array-hdd", false)]
    [InlineData("hdd-7200", false)]
    [InlineData("mlc-sata", true)]
    public void Only_a_source_that_wears_counts_for_wear(string profile, bool wears)
    {
        using var rig = new TransferRig(options => options with { Profile = DeviceProfile.Find(profile) });
        var vm = new SchemeVm(rig, new SeededRandom(3));
        Write(vm, 100);
        rig.Activate();
        Start(rig, DirectTransferScheme.DirtyBlockTracking);
        WorkUntil(rig, vm, DirectTransferPhase.Converged);
        Work(rig, vm, 100);

        // The destination counts as an SSD: to it goes what is copied again, to the source everything that the VM writes.
        const uint one = 1_000_000;
        Assert.Equal(wears, rig.Progress.WearOut >= one);
    }

    [Theory]
    [MemberData(nameof(SchemesAndSeeds))]
    public void Whatever_happens_on_the_way_nothing_is_lost(DirectTransferScheme scheme, ulong seed)
    {
        var random = new SeededRandom((seed * 1000) + (ulong)scheme);
        CacheMode mode = random.Chance(50) ? CacheMode.WriteBack : CacheMode.WriteThrough;
        using var rig = new TransferRig(
            changeDestination: options => options with { Cache = options.Cache with { Mode = mode } },
            linkBytesPerSecond: 20_000_000 << random.Below(8),
            latencyMicroseconds: 1 << random.Below(10));
        var vm = new SchemeVm(rig, random);
        Write(vm, random.Below(500));
        rig.Activate();
        Start(rig, scheme, random);
        for (int step = 30 + random.Below(60); step > 0; step--)
            Disturb(rig, vm, scheme, random);

        rig.Link.Restore();
        for (int attempt = 0; ; attempt++)
        {
            Assert.True(attempt < 20, $"seed {seed}: never done, {rig.Phase}: {rig.Text}");
            if (rig.Phase is DirectTransferPhase.Restoring)
                WorkUntil(rig, vm, DirectTransferPhase.Cancelled, DirectTransferPhase.Failed);
            if (rig.Phase is DirectTransferPhase.Cancelled or DirectTransferPhase.Failed or DirectTransferPhase.Done)
            {
                Drain(rig, vm);
                vm.AssertHolds(rig.Source, $"seed {seed}, {rig.Phase}");
                Start(rig, scheme, random);
            }

            rig.Control(DirectTransferAction.Resume);
            WorkUntil(rig, vm, DirectTransferPhase.Converged, DirectTransferPhase.Failed);
            if (rig.Phase == DirectTransferPhase.Failed)
                continue;
            rig.HaltAndFinish();
            RunUntil(rig, vm, DirectTransferPhase.Done, DirectTransferPhase.Failed);
            if (rig.Phase == DirectTransferPhase.Done)
                break;
            rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
        }

        Assert.Equal(0, vm.Outstanding);
        vm.AssertHolds(rig.Destination, $"seed {seed}");
    }

    [Theory]
    [InlineData(0, 80)]
    [InlineData(20, 20)]
    public void Rounds_that_do_not_get_smaller_take_a_larger_share_unless_it_was_named(byte share, byte expected)
    {
        using var rig = new TransferRig();
        var vm = new SchemeVm(rig, new SeededRandom(5));
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        (request.Scheme, request.SharePercent, request.ConvergedBytes) = ((byte)DirectTransferScheme.DirtyBlockTracking, share, 4096);
        rig.Start(request);

        // At any share the VM writes much more than a block while a round copies.
        for (int i = 0; i < 30_000 && rig.Phase != DirectTransferPhase.Converged; i++)
        {
            vm.Submit();
            rig.Run(SimDuration.FromMicroseconds(10));
            vm.Poll();
        }

        Assert.Equal(expected, rig.Progress.SharePercent);
        Assert.True(rig.Progress.Round > 2);
    }

    [Theory]
    [InlineData(DirectTransferScheme.Mirroring, false)]
    [InlineData(DirectTransferScheme.LowRedundancy, true)]
    public void What_would_go_past_the_scheme_is_refused(DirectTransferScheme scheme, bool isSourceBehind)
    {
        using var rig = new TransferRig();
        var vm = new SchemeVm(rig, new SeededRandom(1));
        Write(vm, 50);
        rig.Activate();
        Start(rig, scheme);
        WorkUntil(rig, vm, DirectTransferPhase.Converged);

        TestHost.AssertStatus(Status.MigrationBusy, rig.Manager.Admin(AdminOpcode.FormatNvm, nsid: 1));
        TestHost.AssertStatus(Status.MigrationBusy, rig.Manager.Admin(AdminOpcode.Sanitize, cdw10: 2));
        TestHost.AssertStatus(Status.MigrationBusy, rig.Manager.Admin(AdminOpcode.NamespaceManagement, nsid: 2, cdw10: 1));
        TestHost.AssertStatus(
            isSourceBehind ? Status.MigrationBusy : Status.Success,
            rig.Manager.Admin(AdminOpcode.Snapshot, nsid: 1));
        TestHost.AssertStatus(
            Status.CommandInterrupted, rig.Vm.Transfer(IoOpcode.WriteUncorrectable, 0, 1, []));
    }

    [Fact]
    public void A_namespace_that_another_host_has_too_takes_no_scheme()
    {
        using var rig = new TransferRig();
        TestHost other = TestHost.Connect(rig.Source, rig.Clock, "nqn.2026-11.io.emulator:other", hostId: 3);
        Assert.NotEqual(rig.Target, other.ControllerId);
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        request.Scheme = (byte)DirectTransferScheme.Mirroring;
        TestHost.AssertStatus(Status.OperationDenied, rig.TryStart(request));
    }

    [Fact]
    public void A_log_that_is_full_ends_the_transfer_and_the_vm_hears_nothing_of_it()
    {
        using var rig = new TransferRig(changeSource: options => options with { UpdateLogs = new MemoryUpdateLogs(256 * 1024) });
        var vm = new SchemeVm(rig, new SeededRandom(7));
        Write(vm, 100);
        rig.Activate();
        Start(rig, DirectTransferScheme.LowRedundancy);

        WorkUntil(rig, vm, DirectTransferPhase.Failed);
        Assert.Equal(DirectTransferReason.LogFailed, rig.Reason);
        Work(rig, vm, 100);
        Drain(rig, vm);
        vm.AssertHolds(rig.Source, "full log");
    }

    /// <summary>
    /// With its power a drive with a volatile cache loses writes that it had acknowledged. The transfer does not go on as if it
    /// had them, and the VM does not hear of it.
    /// </summary>
    [Theory]
    [MemberData(nameof(SchemesAndSeeds))]
    public void A_destination_that_was_switched_off_leaves_the_vm_at_the_source_with_everything(DirectTransferScheme scheme, ulong seed)
    {
        var random = new SeededRandom((seed * 7919) + (ulong)scheme);
        bool isVolatile = seed % 3 != 0;
        using var rig = new TransferRig(
            changeDestination: options => options with
            {
                Cache = options.Cache with { Mode = isVolatile ? CacheMode.WriteBack : CacheMode.WriteThrough },
            },
            destinationSurvives: true);
        var vm = new SchemeVm(rig, random);
        Write(vm, 300);
        rig.Activate();
        Start(rig, scheme);
        Work(rig, vm, 20 + random.Below(600));

        int connections = rig.Connector.Connections;
        rig.CutPowerThere();
        for (int i = 0; i < 2000 && rig.Connector.Connections == connections; i++)
            Work(rig, vm, 10);
        WorkUntil(rig, vm, DirectTransferPhase.Failed, DirectTransferPhase.Converged);

        Assert.Equal(isVolatile, rig.Phase == DirectTransferPhase.Failed);
        if (isVolatile)
        {
            Assert.Equal(DirectTransferReason.MediumReplaced, rig.Reason);
            Work(rig, vm, 100);
            Drain(rig, vm);
            vm.AssertHolds(rig.Source, $"seed {seed}, {scheme}");
            return;
        }

        rig.HaltAndFinish();
        RunUntil(rig, vm, DirectTransferPhase.Done);
        vm.AssertHolds(rig.Destination, $"seed {seed}, {scheme}");
    }

    private static void Start(TransferRig rig, DirectTransferScheme scheme, SeededRandom? random = null)
    {
        DirectTransferRequest request = rig.Request();
        request.Scheme = (byte)scheme;
        if (random != null)
        {
            request.Queues = (byte)(1 + random.Below(3));
            request.Depth = (ushort)(1 + random.Below(16));
            request.CommandBytes = 4096u << random.Below(6);
            request.SharePercent = (byte)(1 + random.Below(100));
            request.BytesPerSecond = random.Chance(30) ? 4_000_000u << random.Below(6) : 0;
            request.ReconnectSeconds = random.Chance(50) ? 1u : 60u;
        }

        rig.Start(request);
    }

    /// <summary>A namespace of 8 MiB, all of which is to be copied.</summary>
    private static void FillAndStart(TransferRig rig, DirectTransferScheme scheme, byte sharePercent)
    {
        var random = new SeededRandom(7);
        byte[] data = new byte[64 * TransferRig.BlockBytes];
        for (uint lba = 0; lba < FilledBlocks; lba += 64)
        {
            random.Fill(data);
            rig.Vm.Transfer(IoOpcode.Write, lba, 64, data);
        }

        rig.Activate();
        DirectTransferRequest request = rig.Request();
        (request.Scheme, request.SharePercent) = ((byte)scheme, sharePercent);
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Copying);
    }

    /// <summary>Milliseconds that each of the writes of a VM takes, one behind the other, while the copy is under way.</summary>
    private static List<double> WaitsWhileCopying(TransferRig rig, SeededRandom random)
    {
        var waits = new List<double>();
        while (rig.Phase == DirectTransferPhase.Copying)
            waits.Add(WaitOfWrite(rig, (uint)random.Below(FilledBlocks)));
        Assert.True(waits.Count > 20, $"{waits.Count} writes");
        return waits;
    }

    private static double WaitOfWrite(TransferRig rig, uint lba)
    {
        SimTime begun = rig.Clock.Now;
        int posted = rig.Vm.IoEndpoint.Posted.Count;
        rig.Vm.Transfer(IoOpcode.Write, lba, 1, new byte[TransferRig.BlockBytes]);
        while (rig.Vm.IoEndpoint.Posted.Count == posted && rig.Clock.Now - begun < SimDuration.FromSeconds(1))
            rig.Run(SimDuration.FromMicroseconds(20));
        return (rig.Clock.Now - begun).Nanoseconds / 1e6;
    }

    private static void Disturb(TransferRig rig, SchemeVm vm, DirectTransferScheme scheme, SeededRandom random)
    {
        switch (random.Below(24))
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
            case < 7:
                rig.Control(DirectTransferAction.Resume);
                break;
            case 7 when random.Chance(30):
                rig.Control(DirectTransferAction.Cancel);
                break;
            case 8 when rig.Phase is DirectTransferPhase.Cancelled or DirectTransferPhase.Failed && !rig.Source.HasSchemes:
                Start(rig, scheme, random);
                break;
            case 9:
                rig.Run(SimDuration.FromMilliseconds(random.Below(3000)));
                break;
            case 10 when rig.Phase is DirectTransferPhase.Converged or DirectTransferPhase.Copying:
                // It is halted, and then goes on after all.
                rig.HaltAndFinish();
                rig.Run(SimDuration.FromMicroseconds(random.Below(5000)));
                rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
                break;
            default:
                Work(rig, vm, random.Below(20));
                break;
        }
    }

    private static void Write(SchemeVm vm, int commands)
    {
        for (int i = 0; i < commands; i++)
            vm.Submit();
    }

    private static void Work(TransferRig rig, SchemeVm vm, int commands)
    {
        for (int i = 0; i < commands; i++)
        {
            if (vm.Outstanding < 12)
                vm.Submit();
            rig.Run(SimDuration.FromMicroseconds(50));
            vm.Poll();
        }
    }

    private static void WorkUntil(TransferRig rig, SchemeVm vm, params DirectTransferPhase[] phases)
    {
        // What is wrong with a link is noticed after ten seconds of silence; nothing much happens meanwhile.
        for (int i = 0; i < 8_000 && !phases.Contains(rig.Phase); i++)
        {
            Work(rig, vm, 10);
            if (i > 200)
                rig.Run(SimDuration.FromMilliseconds(10));
        }

        Assert.True(phases.Contains(rig.Phase), $"{rig.Phase}: {rig.Reason}, {rig.Text}; {vm.Describe()}");
    }

    private static void RunUntil(TransferRig rig, SchemeVm vm, params DirectTransferPhase[] phases)
    {
        for (int i = 0; i < 100_000 && !phases.Contains(rig.Phase); i++)
        {
            rig.Run(SimDuration.FromMilliseconds(1));
            vm.Poll();
        }

        Assert.True(phases.Contains(rig.Phase), $"{rig.Phase}: {rig.Reason}, {rig.Text}");
    }

    private static void Drain(TransferRig rig, SchemeVm vm)
    {
        for (int i = 0; i < 10_000 && (vm.Outstanding > 0 || rig.Source.HasSchemes); i++)
        {
            rig.Run(SimDuration.FromMilliseconds(1));
            vm.Poll();
        }

        Assert.Equal(0, vm.Outstanding);
    }
}
