using System.Globalization;
using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>Discovery, connections and their end, as Linux and nvme-cli see them.</summary>
public sealed class ConnectionTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    private static readonly TimeSpan ReconnectPatience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Discovery_lists_the_drive_and_where_it_is()
    {
        DriveProcess drive = StartDrive();

        JsonArray records = CheckJson($"nvme discover {AddressOf(drive)}")["records"]!.AsArray();

        JsonNode record = records.Single(r => r!["subnqn"]!.GetValue<string>() == DriveProcess.Nqn)!;
        Assert.Equal("tcp", record["trtype"]!.GetValue<string>());
        Assert.Equal("nvme subsystem", record["subtype"]!.GetValue<string>());
        Assert.Equal(drive.Port.ToString(CultureInfo.InvariantCulture), record["trsvcid"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("1GiB", 4096)]
    [InlineData("192MiB", 512)]
    public void Connect_gives_a_disk_of_the_configured_size_and_block(string size, int blockSize)
    {
        DriveProcess drive = StartDrive("--size", size, "--block-size", $"{blockSize}");

        Connect(drive);

        long bytes = size == "1GiB" ? 1L << 30 : 192L << 20;
        Assert.Equal($"{bytes}\n{blockSize}\n", Guest.Check($"blockdev --getsize64 --getss {Disk}"));
    }

    [Theory]
    [InlineData("--hdr-digest")]
    [InlineData("--data-digest")]
    [InlineData("--hdr-digest --data-digest")]
    public void Digests_protect_transfers_of_every_size(string options)
    {
        DriveProcess drive = StartDrive("--size", "64MiB");

        Connect(drive, options);

        Guest.Check(RandomWritesWithVerification("--bsrange=4k-256k --size=8M"));
    }

    [Fact]
    public void Every_processor_has_an_io_queue_of_its_own()
    {
        DriveProcess drive = StartDrive("--size", "64MiB");

        Connect(drive, "--nr-io-queues=2");

        Assert.Equal("3\n", Guest.Check("cat /sys/class/nvme/nvme0/queue_count"));
        Guest.Check(RandomWritesWithVerification(
            "--bs=4k --size=4M --numjobs=2 --offset_increment=16M --cpus_allowed=0-1 --cpus_allowed_policy=split"));
    }

    [Fact]
    public void Connection_without_io_stays_alive_far_beyond_its_keep_alive_timeout()
    {
        DriveProcess drive = StartDrive();
        Connect(drive, "--keep-alive-tmo=2");

        Guest.Check("sleep 7");

        Assert.Equal("live\n", Guest.Check("cat /sys/class/nvme/nvme0/state"));
        Assert.DoesNotContain("reconnect", Guest.KernelLog(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Reset_of_the_controller_keeps_the_data()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        WritePattern();

        Guest.Check($"nvme reset {Controller}");

        CheckPattern();
        Assert.Equal("live\n", Guest.Check("cat /sys/class/nvme/nvme0/state"));
    }

    [Fact]
    public void Disconnect_removes_the_disk_and_a_new_connect_brings_the_data_back()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        WritePattern();

        string answer = Guest.Check($"nvme disconnect -n {DriveProcess.Nqn}");

        Assert.Contains("disconnected 1 controller(s)", answer, StringComparison.Ordinal);
        Guest.WaitFor($"test ! -e {Disk} -a ! -e {Controller}", TimeSpan.FromSeconds(5));
        Connect(drive);
        CheckPattern();
    }

    [Fact]
    public void Guest_finds_the_drive_again_after_its_restart()
    {
        DriveProcess drive = StartDrive();
        Connect(drive, "--reconnect-delay=1 --ctrl-loss-tmo=60");

        drive.Restart();

        Guest.WaitFor("grep -q live /sys/class/nvme/nvme0/state", ReconnectPatience);
        Guest.Check(RandomWritesWithVerification("--bs=16k --size=2M"));
    }

    [Fact]
    public void Connect_to_an_unknown_subsystem_is_refused()
    {
        DriveProcess drive = StartDrive();

        GuestResult result = Guest.Run($"nvme connect {AddressOf(drive)} -n {DriveProcess.Nqn}1");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Connect Invalid Data Parameter, subsysnqn", Guest.KernelLog(), StringComparison.Ordinal);
    }

    private void WritePattern() =>
        Guest.Check("head -c 1M /dev/urandom > /tmp/pattern && "
            + $"dd if=/tmp/pattern of={Disk} bs=64k oflag=direct status=none");

    private void CheckPattern() =>
        Guest.Check($"dd if={Disk} bs=64k count=16 iflag=direct status=none | cmp - /tmp/pattern");

    private static string RandomWritesWithVerification(string options) =>
        $"fio --name=job --filename={Disk} --rw=randwrite --ioengine=libaio --iodepth=16 --direct=1 --verify=crc32c "
        + $"--verify_fatal=1 --minimal {options}";
}
