using Emulator.Spdk;
using Emulator.Tcp;
using Emulator.Wire;
using static Emulator.ConformanceTests.VendorClient;

namespace Emulator.ConformanceTests;

/// <summary>
/// The drive as a PCIe device by vfio-user, used by SPDK's host, and by a manager over NVMe/TCP at the same time. They need
/// SPDK's door with vfio-user, and huge pages for the host.
/// </summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class PcieDeviceTests
{
    private const int BlockBytes = 4096;
    private const uint Active = 1;
    private const uint Halted = 4;

    [SkippableTheory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(8, 100)]
    [InlineData(32, 200)]
    public void A_VM_reads_what_it_wrote(int blocks, ulong lba)
    {
        using PcieTarget target = PcieTarget.Open();
        using SpdkController vm = target.ConnectVm();
        using SpdkQueuePair queue = vm.CreateQueuePair();
        using var buffer = new SpdkBuffer(blocks * BlockBytes);
        byte[] content = new byte[blocks * BlockBytes];
        new Random(blocks).NextBytes(content);

        content.CopyTo(buffer.Span);
        Assert.Equal(Status.Success, queue.Write(1, buffer, lba, (uint)blocks).Status);
        buffer.Span.Clear();
        Assert.Equal(Status.Success, queue.Read(1, buffer, lba, (uint)blocks).Status);
        Assert.True(buffer.Span.SequenceEqual(content));

        Assert.Equal(Status.Success, queue.Execute(HostCommands.Flush(1)).Status);
        Assert.Equal(Status.Success, queue.Execute(HostCommands.Io(IoOpcode.WriteZeroes, 1, lba, blocks)).Status);
        Assert.Equal(Status.Success, queue.Read(1, buffer, lba, (uint)blocks).Status);
        Assert.Equal(-1, buffer.Span.IndexOfAnyExcept((byte)0));
    }

    [SkippableFact]
    public void A_VM_finds_the_drive_and_the_vendor_command_set()
    {
        using PcieTarget target = PcieTarget.Open(managed: false);
        using SpdkController vm = target.ConnectVm();
        IdentifyController page = vm.Identify();

        Assert.Equal(new SpdkNamespace(16384, BlockBytes), vm.FindNamespace(1));
        Assert.Null(vm.FindNamespace(3));
        Assert.Equal("VMAS"u8, System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<VmasSupport>([page.Vmas]))[..4]);
        Assert.NotEqual(0, (int)page.Vid);
        Assert.Equal(vm.Id, (ushort)page.Cntlid);
        Assert.Equal((Status.Success, (uint)vm.Id << 16), Of(vm.Admin(new SubmissionEntry { Opcode = (byte)AdminOpcode.GetFeatures, Cdw10 = 0xD0 })));
    }

    /// <summary>Statuses come without Do Not Retry: vfio-user posts code and type alone.</summary>
    [SkippableTheory]
    [InlineData(0xC3, 0u, 0x01)]
    [InlineData(0xFF, 0u, 0x01)]
    [InlineData((byte)AdminOpcode.GetFeatures, 0xD9u, 0x02)]
    [InlineData((byte)AdminOpcode.Identify, 0xEEu, 0x02)]
    [InlineData((byte)AdminOpcode.NamespaceManagement, 0u, 0x01)]
    public void An_admin_command_that_there_is_not_has_its_status(byte opcode, uint cdw10, byte code)
    {
        using PcieTarget target = PcieTarget.Open();
        using SpdkController vm = target.ConnectVm();
        using var buffer = new SpdkBuffer(BlockBytes);

        SpdkCompletion completion = vm.Admin(new SubmissionEntry { Opcode = opcode, Cdw10 = cdw10 }, buffer);

        Assert.Equal(code, completion.Status.Value);
    }

    /// <summary>SPDK knows the length of its own commands' data alone: these come without, and are refused for that.</summary>
    [SkippableTheory]
    [InlineData((byte)AdminOpcode.SetFeatures, 0xD1u, 3u)]
    [InlineData((byte)AdminOpcode.SetFeatures, 0xD2u, 0u)]
    [InlineData(0xC5, 0u, 0u)]
    public void A_vendor_command_that_needs_data_is_refused(byte opcode, uint cdw10, uint cdw11)
    {
        using PcieTarget target = PcieTarget.Open(managed: false);
        using SpdkController vm = target.ConnectVm();
        using var buffer = new SpdkBuffer(BlockBytes);

        SpdkCompletion completion = vm.Admin(new SubmissionEntry { Opcode = opcode, Cdw10 = cdw10, Cdw11 = cdw11 }, buffer);

        Assert.NotEqual(Status.Success, completion.Status);
    }

    [SkippableTheory]
    [InlineData(16384ul, 1, 0x80)]
    [InlineData(16380ul, 8, 0x80)]
    [InlineData(ulong.MaxValue, 1, 0x80)]
    public void A_read_beyond_the_namespace_has_its_status(ulong lba, int blocks, byte code)
    {
        using PcieTarget target = PcieTarget.Open();
        using SpdkController vm = target.ConnectVm();
        using SpdkQueuePair queue = vm.CreateQueuePair();
        using var buffer = new SpdkBuffer(blocks * BlockBytes);

        Assert.Equal(code, queue.Execute(HostCommands.Read(1, lba, blocks), buffer).Status.Value);
    }

    [SkippableFact]
    public void Log_pages_and_features_without_data_work_from_within_the_VM()
    {
        using PcieTarget target = PcieTarget.Open(managed: false);
        using SpdkController vm = target.ConnectVm();
        using SpdkQueuePair queue = vm.CreateQueuePair();
        using var buffer = new SpdkBuffer(BlockBytes);
        var activate = new SubmissionEntry { Opcode = (byte)AdminOpcode.SetFeatures, Cdw10 = 0xD0, Cdw11 = Active, Cdw12 = uint.MaxValue };

        Assert.Equal(Status.Success, vm.Admin(activate).Status);
        Assert.Equal(Status.Success, queue.Write(1, buffer, 5, 1).Status);
        Assert.Equal(Status.Success, vm.Admin(HostCommands.GetLogPage((LogPageId)0xD3, BlockBytes), buffer).Status);
        Assert.Equal(1ul, U64(buffer.Span, 24));
        var snapshot = new SubmissionEntry { Opcode = 0xC4, Nsid = 1 };
        Assert.Equal(Status.Success, vm.Admin(snapshot).Status);
    }

    [SkippableFact]
    public void A_manager_tracks_and_fences_the_VM_of_the_device_over_TCP()
    {
        using PcieTarget target = PcieTarget.Open();
        using SpdkController vm = target.ConnectVm();
        using SpdkQueuePair queue = vm.CreateQueuePair();
        using HostController host = target.ConnectManager();
        var manager = new VendorClient(host);
        using var buffer = new SpdkBuffer(BlockBytes);

        manager.Migrate(Active, target: vm.Id);
        for (ulong lba = 10; lba < 16; lba += 2)
            Assert.Equal(Status.Success, queue.Write(1, buffer, lba, 1).Status);
        Assert.Equal(3ul, U64(manager.GetLog(0xD3, 256, lsp: 1, lsi: vm.Id), 24));

        manager.Migrate(Active | Halted, target: vm.Id);
        Assert.NotEqual(Status.Success, queue.Write(1, buffer, 20, 1).Status);
        byte[] state = manager.GetState(0xD1, lsi: vm.Id);
        // Queue 1 of 256 entries.
        ReadOnlySpan<byte> queueAsConnected = [1, 0, 0, 1, (byte)TransportType.Pcie];
        Assert.True(state.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(PcieTarget.VmNqn)) > 0, "the VM's name is not there");
        Assert.True(state.AsSpan().IndexOf(queueAsConnected) > 0, "the queue does not say that it is PCIe");

        manager.Migrate(Active, target: vm.Id);
        Assert.Equal(Status.Success, queue.Write(1, buffer, 20, 1).Status);
    }

    [SkippableFact]
    public void A_VM_that_starts_again_finds_its_number_and_what_was_tracked()
    {
        using PcieTarget target = PcieTarget.Open();
        using HostController host = target.ConnectManager();
        using var buffer = new SpdkBuffer(BlockBytes);
        ushort first;
        using (SpdkController vm = target.ConnectVm())
        {
            first = vm.Id;
            using SpdkQueuePair queue = vm.CreateQueuePair();
            Assert.Equal(Status.Success, queue.Write(1, buffer, 10, 1).Status);
        }

        using SpdkController again = target.ConnectVm();

        Assert.Equal(first, again.Id);
        Assert.Equal(1ul, U64(new VendorClient(host).GetLog(0xD4, 256, lsi: first), 24));
    }

    [SkippableFact]
    public void A_VM_that_the_drive_does_not_let_in_has_no_drive_and_others_are_served()
    {
        using PcieTarget target = PcieTarget.Open(options => options with { AllowedHosts = ["nqn.2026-11.io.emulator:another"], Managers = [PcieTarget.ManagerNqn] });

        Assert.Throws<SpdkException>(target.ConnectVm);

        Assert.Contains(target.Observer.Events, line => line.Contains("refused", StringComparison.Ordinal));
        target.ConnectManager().Dispose();
    }

    private static (Status Status, uint Dw0) Of(SpdkCompletion completion) => (completion.Status, completion.Dw0);
}
