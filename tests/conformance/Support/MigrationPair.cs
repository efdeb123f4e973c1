using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// A source and a destination that carry one subsystem, a VM that is connected to both, and a manager at each.
/// </summary>
public sealed class MigrationPair : IDisposable
{
    public const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";
    public const string VmNqn = "nqn.2026-11.io.emulator:vm";

    private readonly HostController[] _hosts;

    public MigrationPair(Func<DriveOptions, DriveOptions>? changeDestination = null)
    {
        DriveOptions options = TestTarget.SmallDrive with { Managers = [ManagerNqn] };
        DriveOptions there = options with { FirstControllerId = 0x100, LastControllerId = 0x1FF, SerialNumber = "EMU0000002" };
        SourceTarget = new TestTarget(options with { LastControllerId = 0xFF });
        DestinationTarget = new TestTarget(changeDestination?.Invoke(there) ?? there);
        HostController vm = SourceTarget.Connect(out HostQueue queue, SourceTarget.Host with { HostNqn = VmNqn });
        HostController arriving = DestinationTarget.Connect(out HostQueue arrivingQueue, DestinationTarget.Host with { HostNqn = VmNqn });
        HostController manager = SourceTarget.Connect(out HostQueue reading, SourceTarget.Host with { HostNqn = ManagerNqn });
        HostController filler = DestinationTarget.Connect(out HostQueue filling, DestinationTarget.Host with { HostNqn = ManagerNqn });
        (Vm, VmQueue, Arriving, ArrivingQueue) = (vm, queue, arriving, arrivingQueue);
        (Source, SourceQueue) = (new VendorClient(manager), reading);
        (Destination, DestinationQueue) = (new VendorClient(filler), filling);
        _hosts = [vm, arriving, manager, filler];
    }

    public TestTarget SourceTarget { get; }

    public TestTarget DestinationTarget { get; }

    /// <summary>The VM at the source, and at the destination.</summary>
    public HostController Vm { get; }

    public HostQueue VmQueue { get; }

    public HostController Arriving { get; }

    public HostQueue ArrivingQueue { get; }

    public HostQueue SourceQueue { get; }

    public HostQueue DestinationQueue { get; }

    /// <summary>The target there, and here.</summary>
    public ushort From => Vm.Id;

    public ushort To => Arriving.Id;

    /// <summary>The manager at the source, and at the destination.</summary>
    internal VendorClient Source { get; }

    internal VendorClient Destination { get; }

    public static void Write(HostQueue queue, ulong lba, int blocks, byte fill = 0x5A)
    {
        int most = TestDoor.LongestTransferBytes / 4096;
        for (int done = 0; done < blocks; done += most)
        {
            int part = Math.Min(most, blocks - done);
            byte[] data = [.. Enumerable.Repeat(fill, part * 4096)];
            Assert.Equal(Status.Success, queue.Execute(HostCommands.Write(1, lba + (ulong)done, part), data).Status);
        }
    }

    public void Dispose()
    {
        foreach (HostController host in _hosts)
            host.Dispose();
        SourceTarget.Dispose();
        DestinationTarget.Dispose();
    }
}
