using System.Net;
using System.Net.Sockets;
using Emulator.Core;
using Emulator.Device;
using Emulator.Spdk;
using Emulator.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.ConformanceTests;

/// <summary>
/// The door by which the targets of the tests are served. The variable EMULATOR_DOOR says which: the drive's own without it,
/// SPDK's with "spdk". Cases that every door has to pass have the trait Door=Any.
/// </summary>
internal abstract class TestDoor : IDisposable
{
    /// <summary>The cases that hold at every door: what the drive answers, however it is reached.</summary>
    public const string Trait = "Door";
    public const string Any = "Any";

    public static bool IsSpdk { get; } = Environment.GetEnvironmentVariable("EMULATOR_DOOR") == "spdk";

    /// <summary>The longest transfer that a drive offers here.</summary>
    public static int LongestTransferBytes => IsSpdk ? DriveDoor.LongestTransferBytes : 512 * 1024;

    /// <summary>The most data that a capsule may carry here.</summary>
    public static int LongestInCapsuleBytes => IsSpdk ? DriveDoor.LongestInCapsuleBytes : 16 * 1024;

    /// <summary>A case that does not hold at SPDK's door, and why.</summary>
    public static void SkipAtSpdks(string why, bool holds = true) => Skip.If(IsSpdk && holds, "at SPDK's door: " + why);

    /// <summary>A case about SPDK's door alone.</summary>
    public static void NeedSpdks() => Skip.IfNot(IsSpdk, SpdkApplication.Problem ?? "runs at SPDK's door: EMULATOR_DOOR=spdk");

    /// <summary>
    /// A case about a PCIe device by vfio-user. SPDK's host shares its memory with the target by huge pages alone, and
    /// <paramref name="open"/> fails where SPDK is built without that transport.
    /// </summary>
    public static T NeedVfioUser<T>(Func<T> open)
    {
        NeedSpdks();
        Skip.IfNot(SpdkTestDoor.HasHugePages, $"a host on vfio-user needs {SpdkTestDoor.HugeMib} MiB in huge pages: sysctl vm.nr_hugepages");
        try
        {
            SpdkTestDoor.Start();
            return open();
        }
        catch (SpdkException e) when (e.Message.Contains("--with-vfio-user", StringComparison.Ordinal))
        {
            Skip.If(true, e.Message);
            throw;
        }
    }

    /// <summary>A case with a transfer that the door may not offer.</summary>
    public static void SkipLonger(int bytes) =>
        Skip.If(bytes > LongestTransferBytes, $"a transfer of {bytes} bytes is longer than this door's");

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public abstract IPEndPoint EndPoint { get; }

    /// <summary>The target of the drive's own door.</summary>
    public virtual NvmeTcpTarget Tcp => throw new InvalidOperationException("This is about the drive's own door.");

    public static TestDoor Open(Func<TargetOptions, TargetOptions> change, PoweredDrive[] drives, ITargetObserver observer) =>
        IsSpdk ? new SpdkTestDoor(drives, observer) : new TcpTestDoor(change, drives, observer);

    public abstract void Post(Action<SimTime> action);

    public abstract void Dispose();

    private sealed class TcpTestDoor : TestDoor
    {
        public TcpTestDoor(Func<TargetOptions, TargetOptions> change, PoweredDrive[] drives, ITargetObserver observer)
        {
            Tcp = new NvmeTcpTarget(
                change(new TargetOptions { Listeners = [new IPEndPoint(IPAddress.Loopback, 0)], Subsystems = drives }), observer);
            Tcp.Start();
        }

        public override NvmeTcpTarget Tcp { get; }

        public override IPEndPoint EndPoint => Tcp.Addresses[0];

        public override void Post(Action<SimTime> action) => Tcp.Post(action);

        public override void Dispose() => Tcp.Dispose();
    }

    private sealed class SpdkTestDoor : TestDoor
    {
        public const int HugeMib = 512;

        private static readonly Lazy<SpdkApplication> Application = new(StartApplication);
        private static readonly bool HasHuge = FreeHugePages() >= HugeMib / 2;
        private static int _count;

        private readonly DriveDoor _door;

        public SpdkTestDoor(PoweredDrive[] drives, ITargetObserver observer)
        {
            Start();
            EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
            string name = $"test{Interlocked.Increment(ref _count)}";
            _door = DriveDoor.Open(name, drives, [new SpdkListener(SpdkTransport.Tcp, EndPoint)], observer);
        }

        public override IPEndPoint EndPoint { get; }

        public override void Post(Action<SimTime> action) => _door.Post(action);

        public override void Dispose() => _door.Dispose();

        public static bool HasHugePages => HasHuge;

        public static void Start() => _ = Application.Value;

        private static SpdkApplication StartApplication()
        {
            var options = new SpdkOptions { UseHugePages = HasHuge, MemoryMib = HasHuge ? HugeMib : 1024 };
            SpdkApplication application = SpdkApplication.Start(options, NullLogger.Instance);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => application.Dispose();
            return application;
        }

        /// <summary>Of 2 MiB.</summary>
        private static int FreeHugePages()
        {
            const string file = "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages";
            return File.Exists(file) ? int.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture) : 0;
        }
    }
}
