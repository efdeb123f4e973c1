using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>
/// A guest with the kernel's own multipath, and a path to its namespace at each of two drives: the migration decides which
/// one it takes.
/// </summary>
public sealed class MultipathTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    /// <summary>The guest's controllers: the first identifier of each drive that is not the manager's.</summary>
    private const ushort Here = 1;
    private const ushort There = 256;

    private const string Job =
        $"fio --name=job --filename={Disk} --size=24M --bs=4k --rw=randwrite --ioengine=libaio --iodepth=8 --direct=1 "
        + "--verify=crc32c --verify_fatal=1 --randseed=11";

    [Fact]
    public void Guest_that_writes_goes_with_its_data_to_the_other_drive_and_verifies_it_there()
    {
        (DriveProcess source, DriveProcess destination) = ConnectPaths();
        Assert.Equal(["nvme0 optimized", "nvme1 inaccessible"], PathStates());
        using var hypervisor = new Hypervisor(source, destination);

        Guest.Check($"rm -f /run/done; ({Job} --do_verify=0 --rate=2m > /run/fio 2>&1; echo $? > /run/done) > /dev/null 2>&1 &");
        Guest.Check("sleep 2");
        hypervisor.SetDestination(VmMigrationFlags.Active | VmMigrationFlags.Destination, There);
        hypervisor.SetSource(VmMigrationFlags.Active, Here);
        hypervisor.Transfer(Here, There);
        Guest.Check("test ! -e /run/done");
        hypervisor.SetSource(VmMigrationFlags.Active | VmMigrationFlags.Halted, Here);
        hypervisor.Finish(Here);
        hypervisor.SetDestination(VmMigrationFlags.Completed, There);
        hypervisor.SetSource(VmMigrationFlags.Completed, Here);

        Guest.WaitFor("test -e /run/done", TimeSpan.FromSeconds(60));
        Assert.Equal("0\n", Guest.Check("cat /run/done"));
        Guest.WaitFor(
            "grep -q inaccessible /sys/class/nvme/nvme0/nvme*c*n1/ana_state && grep -q optimized /sys/class/nvme/nvme1/nvme*c*n1/ana_state",
            TimeSpan.FromSeconds(10));
        Guest.Check($"{Job} --verify_only", TimeSpan.FromMinutes(2));

        // What is verified is read at the destination alone: the source is gone.
        Guest.Check("nvme disconnect -d nvme0");
        Guest.Check($"echo 3 > /proc/sys/vm/drop_caches; {Job} --verify_only", TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Drive_that_waits_for_its_VM_after_a_restart_goes_on_waiting()
    {
        string medium = Path.Combine(Path.GetTempPath(), $"emulator-{Guid.NewGuid():N}.img");
        try
        {
            (_, DriveProcess destination) = ConnectPaths("--medium", medium);
            destination.Restart();
            Guest.WaitFor("grep -q live /sys/class/nvme/nvme1/state && sleep 1 && grep -q live /sys/class/nvme/nvme1/state", TimeSpan.FromSeconds(30));
            Assert.Equal(["nvme0 optimized", "nvme1 inaccessible"], PathStates());
            Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=10 oflag=direct status=none");
        }
        finally
        {
            File.Delete(medium);
        }
    }

    private (DriveProcess Source, DriveProcess Destination) ConnectPaths(params string[] destinationOptions)
    {
        DriveProcess source = StartDrive("--size", "64MiB", "--manager", Hypervisor.Nqn, "--controller-ids", "1-255");
        DriveProcess destination = StartDrive(
            ["--size", "64MiB", "--manager", Hypervisor.Nqn, "--controller-ids", "256-511", "--standby", .. destinationOptions]);
        Connect(source);
        Guest.Check($"nvme connect {AddressOf(destination)} -n {DriveProcess.Nqn} --reconnect-delay=1");
        Guest.WaitFor("test -e /sys/class/nvme/nvme1/nvme*c*n1/ana_state", TimeSpan.FromSeconds(10));
        return (source, destination);
    }

    /// <summary>Names and access states of the paths to the namespace, as nvme-cli lists them.</summary>
    private string[] PathStates()
    {
        JsonNode hosts = CheckJson($"nvme list-subsys {Disk}");
        JsonArray subsystems = hosts.AsArray()[0]!["Subsystems"]!.AsArray();
        return [.. subsystems.Single()!["Paths"]!.AsArray().Select(path => $"{path!["Name"]} {path["ANAState"]}").Order(StringComparer.Ordinal)];
    }
}
