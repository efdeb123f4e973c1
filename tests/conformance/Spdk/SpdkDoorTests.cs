using Emulator.Cache;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Spdk;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>What is particular to SPDK's door, and SPDK's host at it.</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class SpdkDoorTests
{
    private const string VmNqn = "nqn.2026-11.io.emulator:vm";
    private const int BlockBytes = 4096;

    [SkippableFact]
    public void A_host_that_comes_back_finds_its_number_and_its_VM()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget();
        ushort first;
        using (HostController host = target.Connect(out HostQueue queue, target.Host with { HostNqn = VmNqn }))
        {
            first = host.Id;
            MigrationPair.Write(queue, 10, 3);
        }

        using HostController other = target.Connect(target.Host with { HostNqn = "nqn.2026-11.io.emulator:other" });
        using HostController again = target.Connect(out HostQueue _, target.Host with { HostNqn = VmNqn });

        Assert.Equal(first, again.Id);
        Assert.NotEqual(first, other.Id);
        byte[] status = new VendorClient(again).GetLog(0xD0, 64);
        Assert.Equal((again.Id, 3ul), (VendorClient.U16(status, 2), VendorClient.U64(status, 16)));
    }

    [SkippableFact]
    public void The_storage_state_has_the_settings_that_SPDK_keeps()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget();
        using HostController host = target.Connect(out _);
        var keepAlive = new SubmissionEntry { Opcode = (byte)AdminOpcode.SetFeatures, Cdw10 = (uint)FeatureId.KeepAliveTimer, Cdw11 = 40_000 };
        Assert.Equal(Status.Success, host.Admin.Execute(keepAlive).Status);

        byte[] state = new VendorClient(host).GetState(0xD1, lsp: 1);

        // Header 64, section header 8, attribute header 16, then the limits.
        int limits = state.AsSpan().IndexOf(BitConverter.GetBytes(40_000u));
        Assert.True(limits > 64, "the keep-alive time is not there");
        Assert.Equal((uint)DriveDoor.LongestTransferBytes, VendorClient.U32(state, limits + 16));
    }

    /// <summary>SPDK 24.09 itself would take a null pointer for the poll group of such a command, and the process with it.</summary>
    [SkippableFact]
    public void A_transfer_beyond_the_limit_ends_its_own_connection_and_nothing_else()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget();
        using (RawHost raw = target.ConnectRaw(out RawHost admin))
        {
            using RawHost _ = admin;
            SubmissionEntry entry = HostCommands.Read(1, 0, 1);
            entry.Sgl1 = PduBuilder.InDataPdus(16 << 20);
            raw.Connection.Send(PduBuilder.CapsuleAsIs(entry));
            Assert.Equal(PduType.C2HTermReq, raw.Read().Type);
        }

        target.AssertServes();
    }

    [SkippableFact]
    public void A_read_takes_the_time_of_the_medium()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget(TestTarget.SmallDrive with
        {
            CapacityBytes = 96 << 20,
            Profile = DeviceProfile.Find("hdd-7200"),
            Timing = DriveTiming.Model,
            Cache = new CacheOptions { Mode = CacheMode.Off },
            HasTransport = true,
        });
        using HostController host = target.Connect(out HostQueue queue);
        MigrationPair.Write(queue, 16000, 1);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Flush(1)).Status);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (ulong i = 0; i < 10; i++)
            Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(1, i % 2 == 0 ? 0ul : 16000, 1), new byte[BlockBytes]).Status);

        Assert.InRange(clock.Elapsed.TotalMilliseconds, 10, TestTarget.Patience.TotalMilliseconds);
    }

    [SkippableFact]
    public void SPDKs_host_reads_what_it_wrote_and_finds_the_vendor_command_set()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget();
        using SpdkController controller = SpdkController.Connect(
            $"trtype:TCP adrfam:IPv4 traddr:127.0.0.1 trsvcid:{target.EndPoint.Port} subnqn:{target.Drive.Nqn}", VmNqn);
        using SpdkQueuePair queue = controller.CreateQueuePair();
        using var buffer = new SpdkBuffer(16 * BlockBytes);

        buffer.Span.Fill(0x5A);
        Assert.Equal(Status.Success, queue.Write(1, buffer, 7, 16).Status);
        buffer.Span.Clear();
        Assert.Equal(Status.Success, queue.Read(1, buffer, 7, 16).Status);
        Assert.Equal(-1, buffer.Span.IndexOfAnyExcept((byte)0x5A));

        Assert.Equal(new SpdkNamespace(16384, BlockBytes), controller.FindNamespace(1));
        Assert.Null(controller.FindNamespace(3));
        Assert.Equal("VMAS"u8, System.Runtime.InteropServices.MemoryMarshal.AsBytes(
            new ReadOnlySpan<VmasSupport>([controller.Identify().Vmas]))[..4]);
        var getFeature = new SubmissionEntry { Opcode = (byte)AdminOpcode.GetFeatures, Cdw10 = 0xD0 };
        Assert.Equal((Status.Success, (uint)controller.Id << 16), (controller.Admin(getFeature).Status, controller.Admin(getFeature).Dw0));
        var unknown = new SubmissionEntry { Opcode = 0xC3 };
        Assert.Equal(Status.InvalidOpcode.WithDoNotRetry(), controller.Admin(unknown).Status);
    }

    [SkippableFact]
    public void An_address_that_is_taken_fails_the_door_and_leaves_nothing_behind()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget();
        using var drive = new PoweredDrive(TestTarget.SmallDrive);
        var listener = new SpdkListener(SpdkTransport.Tcp, target.EndPoint);

        for (int i = 0; i < 3; i++)
        {
            SpdkException e = Assert.Throws<SpdkException>(() => DriveDoor.Open("second", [drive], [listener], new RecordingObserver()));
            Assert.Contains("the listener of second", e.Message);
        }

        target.AssertServes();
    }

    [SkippableFact]
    public void RDMA_that_is_not_there_is_told_with_what_to_do()
    {
        TestDoor.NeedSpdks();
        using var target = new TestTarget();
        using var drive = new PoweredDrive(TestTarget.SmallDrive);
        Exception? e = Record.Exception(() =>
        {
            using DriveDoor door = DriveDoor.Open("other", [drive], [new SpdkListener(SpdkTransport.Rdma, "127.0.0.1", 4420)], new RecordingObserver());
        });

        Skip.If(e == null, "this machine and its SPDK have RDMA");
        Assert.Matches("no RDMA device|--with-rdma", Assert.IsType<SpdkException>(e).Message);
    }
}
