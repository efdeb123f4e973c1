using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Emulator.GuestTests.Harness;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.GuestTests;

/// <summary>
/// emulator migrate with QEMUs as they are: two without a guest system, and the VM's paths to both drives held by the test, which pauses
/// and runs with nothing.
/// </summary>
public sealed class QemuPairTests : IDisposable
{
    private const string VmNqn = "nqn.2026-11.io.emulator:vm";
    private const int Blocks = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");
    private readonly DriveProcess _source = Drive("--controller-ids", "1-255");
    private readonly DriveProcess _destination = Drive("--controller-ids", "256-511", "--standby");
    private readonly HostController _here;
    private readonly HostController _there;
    private readonly IdleVm _vm;
    private int _started;
    private IdleVm _arriving;

    public QemuPairTests()
    {
        _here = Connect(_source);
        _there = Connect(_destination);
        _vm = new IdleVm(PathOf("a.qmp"));
        _arriving = Arriving();
        Write(_here, 7);
    }

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
        _vm.Dispose();
        _arriving.Dispose();
        _source.Dispose();
        _destination.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("drive")]
    [InlineData("host")]
    public void A_VM_and_its_storage_move(string through)
    {
        using SupervisedProcess migrate = Migrate($"--through {through} --report {PathOf("report")}");

        AssertEnd(migrate, 0);
        AssertThere();
        using var report = JsonDocument.Parse(File.ReadAllText(PathOf("report")));
        Assert.Equal("done", report.RootElement.GetProperty("phase").GetString());
        Assert.True(report.RootElement.GetProperty("qemuDowntimeMs").GetDouble() >= 0);
        Assert.True(report.RootElement.GetProperty("ramBytes").GetInt64() > 0);
    }

    [Fact]
    public void Interrupted_while_memory_moves_the_VM_stays_and_moves_another_time()
    {
        using (SupervisedProcess migrate = Migrate("--ram-bandwidth 128KiB --max-downtime 31"))
        {
            WaitFor("the memory moves", () => migrate.Output.Contains("moving memory", StringComparison.Ordinal));
            Assert.Equal(130, migrate.Stop("TERM", Patience));
            Assert.Contains("emulator: interrupted; the VM runs on at the source", migrate.Output, StringComparison.Ordinal);
        }

        Assert.Equal("running", _vm.State);
        Write(_here, 8);
        Assert.Equal(Status.AsymmetricAccessInaccessible, _there.IoQueues[0].Execute(HostCommands.Read(1, 0, 1), new byte[4096]).Status);

        // A QEMU that took part of a VM is of no use for another.
        _arriving.Dispose();
        _arriving = Arriving();
        using SupervisedProcess again = Migrate("");
        AssertEnd(again, 0);
        AssertThere();
    }

    [Fact]
    public void Killed_while_memory_moves_another_process_goes_on_with_it()
    {
        using (SupervisedProcess migrate = Migrate("--ram-bandwidth 128KiB --max-downtime 31 --patience 2"))
        {
            WaitFor("the memory moves", () => migrate.Output.Contains("moving memory", StringComparison.Ordinal));
            migrate.Stop("KILL", Patience);
        }

        using SupervisedProcess resumed = Emulator("migrate", "--resume", "--force-switch", "--journal", PathOf("journal"));
        AssertEnd(resumed, 0);
        AssertThere();
    }

    private static DriveProcess Drive(params string[] options) =>
        new(["--size", "64MiB", "--block-size", "4096", "--manager", Hypervisor.Nqn, .. options]);

    private static HostController Connect(DriveProcess drive) => HostController.ConnectWithQueues(new HostOptions
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, drive.Port),
        SubsystemNqn = DriveProcess.Nqn,
        HostNqn = VmNqn,
        Timeout = Patience,
    });

    private IdleVm Arriving() => new(PathOf($"b{++_started}.qmp"), "-incoming", "defer");

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private SupervisedProcess Migrate(string options)
    {
        string ram = string.Create(CultureInfo.InvariantCulture, $"tcp:127.0.0.1:{FreePort()}");
        return Emulator(
        [
            "migrate", "--from", $"127.0.0.1:{_source.Port}", "--to", $"127.0.0.1:{_destination.Port}", "--manager", Hypervisor.Nqn,
            "--vm", $"{_here.Id}", "--vm-there", $"{_there.Id}", "--qmp-from", _vm.Monitor, "--qmp-to", _arriving.Monitor,
            "--ram", ram, "--ram-listen", ram, "--journal", PathOf("journal"),
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ]);
    }

    private static SupervisedProcess Emulator(params string[] arguments) =>
        new(["dotnet", Path.Combine(AppContext.BaseDirectory, "emulator.dll"), .. arguments]);

    private static void AssertEnd(SupervisedProcess process, int exitCode)
    {
        WaitFor("the process ends", () => process.HasExited);
        int status = process.Stop("TERM", Patience);
        Assert.True(status == exitCode, $"It exited with {status}.\n{process.Output}");
    }

    private void AssertThere()
    {
        Assert.Equal(("postmigrate", "running"), (_vm.State, _arriving.State));
        byte[] here = new byte[4096], there = new byte[4096];
        Assert.Equal(Status.AsymmetricAccessInaccessible, _here.IoQueues[0].Execute(HostCommands.Read(1, 0, 1), here).Status);
        using HostController manager = HostController.ConnectWithQueues(_here.Options with { HostNqn = Hypervisor.Nqn });
        for (ulong block = 0; block < Blocks; block++)
        {
            Assert.Equal(Status.Success, manager.IoQueues[0].Execute(HostCommands.Read(1, block, 1), here).Status);
            Assert.Equal(Status.Success, _there.IoQueues[0].Execute(HostCommands.Read(1, block, 1), there).Status);
            Assert.Equal(here, there);
        }

        Write(_there, 9);
    }

    private static void Write(HostController path, int seed)
    {
        byte[] data = new byte[4096];
        var random = new Random(seed);
        for (ulong block = 0; block < Blocks; block++)
        {
            random.NextBytes(data);
            Assert.Equal(Status.Success, path.IoQueues[0].Execute(HostCommands.Write(1, block, 1), data).Status);
        }
    }

    private static void WaitFor(string what, Func<bool> condition)
    {
        DateTime deadline = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"{what}: not within {Patience.TotalSeconds} s");
            Thread.Sleep(10);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
