using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>Storage states with nvme-cli alone: read in pieces, sent with set-feature, and told in words by the decoder.</summary>
public sealed class StorageStateTests(GuestFixture fixture, ITestOutputHelper output) : MigrationTest(fixture, output)
{
    private const string Second = "/dev/nvme1";
    private const int Active = 1;
    private const int DestinationActive = 3;

    [Fact]
    public void A_state_goes_from_one_drive_to_another_and_a_delta_after_it()
    {
        (DriveProcess from, DriveProcess to) = ConnectPair();
        Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=40 oflag=direct status=none");
        Guest.Check($"nvme set-feature {Controller} -f 0x01 -V 4");
        SetMigration(Active, "-c 0");
        Guest.Check($"nvme set-feature {Second} -f 0xd0 -V {DestinationActive}");

        // nvme-cli reads in commands of 4 KiB; the page is of one piece all the same.
        long length = LengthOf(0xD1);
        Guest.Check($"nvme get-log {Controller} -i 0xd1 -l {length} -b > /run/state.bin");
        Guest.Check($"nvme set-feature {Second} -f 0xd1 -V 0x3 -l {length} -d /run/state.bin");
        Assert.Contains("0x00000004", Guest.Check($"nvme get-feature {Second} -f 0x01"));
        Assert.Equal("Ready", (string?)Decode(Guest.CheckBytes($"nvme get-log {Second} -i 0xd0 -l 192 -b"))["phase"]);

        Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=8 seek=100 oflag=direct status=none");
        Guest.Check($"nvme set-feature {Controller} -f 0x01 -V 6");
        byte[] delta = Guest.CheckBytes($"nvme get-log {Controller} -i 0xd2 -l {LengthOf(0xD2)} -b");
        Assert.Equal("VM Dirty State", (string?)Decode(delta)["page"]);
        Guest.Upload(delta, "/run/delta.bin");
        Guest.Check($"nvme set-feature {Second} -f 0xd1 -V 0xb -l {delta.Length} -d /run/delta.bin");
        Assert.Contains("0x00000006", Guest.Check($"nvme get-feature {Second} -f 0x01"));

        JsonNode written = Decode(Guest.CheckBytes($"nvme get-log {Second} -i 0xd4 -l 128 -b"));
        Assert.Equal(
            [(0, 40), (100, 8)],
            written["entries"]!.AsArray().Select(entry => ((int)entry!["firstBlock"]!, (int)entry["blocks"]!)));
        Assert.NotEqual(from.Port, to.Port);
    }

    [Fact]
    public void A_state_that_is_damaged_is_refused_and_changes_nothing()
    {
        ConnectPair();
        Guest.Check($"nvme set-feature {Second} -f 0xd0 -V {DestinationActive}");
        byte[] state = Guest.CheckBytes($"nvme get-log {Controller} -i 0xd1 -l {LengthOf(0xD1)} -b");
        state[100] ^= 1;
        Guest.Upload(state, "/run/state.bin");
        GuestResult result = Guest.Run($"nvme set-feature {Second} -f 0xd1 -V 0x3 -l {state.Length} -d /run/state.bin");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Matches("0x[0-9a-f]?1c1", result.Error);
        Assert.Equal("Receiving", (string?)Decode(Guest.CheckBytes($"nvme get-log {Second} -i 0xd0 -l 64 -b"))["phase"]);
    }

    private (DriveProcess From, DriveProcess To) ConnectPair()
    {
        DriveProcess from = StartDrive("--size", "64MiB", "--controller-ids", "1-255");
        Connect(from);
        DriveProcess to = StartDrive(
            "--size", "64MiB", "--controller-ids", "256-511", "--subsystem", "nqn.2026-11.io.emulator:elsewhere", "--serial", "EMU0000002");
        Guest.Check($"nvme connect {AddressOf(to)} -n nqn.2026-11.io.emulator:elsewhere");
        Guest.WaitFor($"test -c {Second}", TimeSpan.FromSeconds(10));
        return (from, to);
    }

    private long LengthOf(int page) =>
        BitConverter.ToInt64(Guest.CheckBytes($"nvme get-log {Controller} -i {page} -l 64 -b"), 8);
}
