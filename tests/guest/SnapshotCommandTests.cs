using System.Text;
using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>Snapshots, their deltas and range checksums with nvme-cli alone, told in words by the decoder.</summary>
public sealed class SnapshotCommandTests(GuestFixture fixture, ITestOutputHelper output) : MigrationTest(fixture, output)
{
    [Fact]
    public void What_changed_since_a_snapshot_is_listed_and_undone_by_a_restore()
    {
        Connect(StartDrive("--size", "64MiB"));
        Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=64 oflag=direct status=none");
        string before = Checksum();

        Assert.Contains("result: 0x00000001", Snapshot("-n 1"), StringComparison.OrdinalIgnoreCase);
        Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=8 seek=16 oflag=direct status=none");
        Guest.Check($"blkdiscard -o $((40 * 4096)) -l $((4 * 4096)) {Disk}");

        JsonNode list = Decode(Guest.CheckBytes($"nvme get-log {Controller} -i 0xd6 -l 128 -b"));
        Assert.Equal((1, 1), ((int)list["entries"]!.AsArray().Single()!["id"]!, (int)list["snapshots"]!));
        JsonNode delta = Decode(Guest.CheckBytes($"nvme get-log {Controller} -i 0xd7 -S 1 -l 128 -b"));
        Assert.Equal(
            [(16, 8, false), (40, 4, true)],
            delta["entries"]!.AsArray().Select(entry => ((int)entry!["firstBlock"]!, (int)entry["blocks"]!, (bool)entry["readsAsZero"]!)));

        Snapshot("-n 1 --cdw10=2 --cdw11=1");
        Assert.Equal(before, Checksum());
        Snapshot("-n 1 --cdw10=1 --cdw11=1");
        GuestResult again = Guest.Run($"nvme admin-passthru {Controller} --opcode=0xc4 -n 1 --cdw10=1 --cdw11=1");
        Assert.NotEqual(0, again.ExitCode);
        Assert.Matches("0x[0-9a-f]?1c4", again.Error + again.Output);
    }

    [Fact]
    public void Checksums_of_ranges_are_those_that_the_guest_computes()
    {
        Connect(StartDrive("--size", "64MiB"));
        Guest.Check($"dd if=/dev/urandom of={Disk} bs=64k count=2 oflag=direct status=none");

        // Ranges of 16 granules of 4 KiB: 1024 of them, read in commands of 4 KiB.
        JsonNode page = Decode(Guest.CheckBytes($"nvme get-log {Controller} -i 0xd5 -n 1 -s 4 -l {64 + (1024 * 32)} -b"), "--log", "d5");

        string[] sums = [.. page["checksums"]!.AsArray().Select(entry => (string)entry!["sha256"]!)];
        Assert.Equal(1024, sums.Length);
        Assert.Equal(RangeSum(0), sums[0]);
        Assert.Equal(RangeSum(1), sums[1]);
        Assert.All(sums[2..], sum => Assert.Equal("nothing allocated", sum));
    }

    [Fact]
    public void A_drive_moves_its_data_to_another_one_on_a_command_of_the_guest()
    {
        DriveProcess from = StartDrive("--size", "64MiB", "--controller-ids", "1-255");
        Connect(from);
        const string elsewhere = "nqn.2026-11.io.emulator:elsewhere";
        DriveProcess to = StartDrive("--size", "64MiB", "--controller-ids", "256-511", "--subsystem", elsewhere, "--serial", "EMU0000002");
        Guest.Check($"nvme connect {AddressOf(to)} -n {elsewhere}");
        Guest.WaitFor("test -b /dev/nvme1n1", TimeSpan.FromSeconds(10));
        Guest.Check($"dd if=/dev/urandom of={Disk} bs=64k count=20 oflag=direct status=none");
        SetMigration(1);

        string hostNqn = Guest.Check("cat /sys/class/nvme/nvme0/hostnqn").Trim();
        Guest.Upload(RequestTo(to.Port, elsewhere, hostNqn), "/run/to.bin");
        Guest.Check($"nvme admin-passthru {Controller} --opcode=0xc5 -w -l 1024 -i /run/to.bin");
        WaitForPhase("Converged");
        SetMigration(5, "-c 0xffffffff");
        Guest.Check($"nvme admin-passthru {Controller} --opcode=0xc8 --cdw10=3");
        WaitForPhase("Done");

        Guest.Check("nvme set-feature /dev/nvme1 -f 0xd0 -V 0x8 -c 0xffffffff");
        SetMigration(1, "-c 0xffffffff");
        Assert.Equal(Checksum(), Checksum("/dev/nvme1n1"));
    }

    /// <summary>The data of C5h, from the text of the specification.</summary>
    private static byte[] RequestTo(int port, string subsystem, string hostNqn)
    {
        byte[] request = new byte[1024];
        request[0] = 1;
        BitConverter.TryWriteBytes(request.AsSpan(2), (ushort)1024);
        request[4] = 1;
        request[6] = 3;
        request[7] = 1;
        request[12] = 1;
        Encoding.ASCII.GetBytes($"{port}".PadRight(32)).CopyTo(request, 64);
        Encoding.ASCII.GetBytes("127.0.0.1".PadRight(256)).CopyTo(request, 96);
        Encoding.UTF8.GetBytes(subsystem).CopyTo(request, 352);
        Encoding.UTF8.GetBytes(hostNqn).CopyTo(request, 608);
        return request;
    }

    private void WaitForPhase(string phase)
    {
        JsonNode progress = new JsonObject();
        for (int i = 0; i < 100 && (string?)progress["phase"] != phase; i++)
        {
            progress = Decode(Guest.CheckBytes($"nvme get-log {Controller} -i 0xd8 -l 256 -b"));
            Assert.NotEqual("Failed", (string?)progress["phase"]);
        }

        Assert.Equal(phase, (string?)progress["phase"]);
    }

    private string Snapshot(string arguments)
    {
        GuestResult result = Guest.Run($"nvme admin-passthru {Controller} --opcode=0xc4 {arguments}");
        result.Succeeded();
        return result.Output + result.Error;
    }

    private string Checksum(string disk = Disk) =>
        Guest.Check($"dd if={disk} bs=64k count=64 iflag=direct status=none | sha256sum").Split(' ')[0];

    private string RangeSum(int range) =>
        Guest.Check($"dd if={Disk} bs=64k count=1 skip={range} iflag=direct status=none | sha256sum").Split(' ')[0];
}
