using Emulator.GuestTests.Decoding;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>Feature D0h, the status page, the threshold and the fence.</summary>
public sealed class MigrationCommandTests(GuestFixture fixture, ITestOutputHelper output)
    : MigrationTest(fixture, output)
{
    private const int Active = 0x01;
    private const int Halted = 0x04;
    private const int ClearWritten = 0x10;
    private const uint ThresholdExceeded = 0x10;

    [Fact]
    public void Examples_of_the_specification_work_as_they_stand_there()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);

        Guest.Check("nvme set-feature /dev/nvme0 -f 0xd0 -V 0x1 -c 262144");
        string feature = Guest.Check("nvme get-feature /dev/nvme0 -f 0xd0");
        string dirty = Guest.Check("nvme get-log /dev/nvme0 -i 0xd3 -l 4096 -s 1");
        string status = Guest.Check("nvme get-log /dev/nvme0 -i 0xd0 -l 64");
        string written = Guest.Check("nvme get-log /dev/nvme0 -i 0xd4 -l 4096");

        // Bits 31:16 of the value, and bytes 2 and 3 of a page, name the target: this host's controller, the first.
        Assert.Contains("Current value:0x00010001", feature, StringComparison.Ordinal);
        Assert.Contains("0000: 01 00 01 00", dirty, StringComparison.Ordinal);
        Assert.Contains("0000: 01 00 01 00", status, StringComparison.Ordinal);
        Assert.Contains("0000: 01 00 01 00", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Migration_goes_from_idle_to_brownout_and_back()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);

        MigrationStatus before = ReadStatus();
        SetMigration(Active, "-c 1000");
        MigrationStatus during = ReadStatus();
        SetMigration(0);
        MigrationStatus after = ReadStatus();

        Assert.Equal((false, 0u), (before.Active, before.Phase));
        Assert.Equal((true, 1u, 1000u, 1UL), (during.Active, during.Phase, during.ThresholdGranules, during.Round));
        Assert.Equal((false, 0u), (after.Active, after.Phase));
    }

    [Fact]
    public void Dirty_ranges_without_a_migration_are_refused_as_not_active()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);

        GuestResult result = Guest.Run($"nvme get-log {Controller} -i 0xd3 -l 4096");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Matches("0x[0-9a-f]?1c0", result.Error);
    }

    [Fact]
    public void Lifetime_ranges_need_no_migration_and_are_forgotten_on_request()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        Guest.Check($"dd if=/dev/zero of={Disk} bs=4k seek=100 count=3 oflag=direct status=none");

        RangeList written = ReadRanges(WrittenPage);
        SetMigration(ClearWritten);
        RangeList forgotten = ReadRanges(WrittenPage);

        Assert.Equal([new BlockRange(100, 3)], written.Ranges);
        Assert.Empty(forgotten.Ranges);
    }

    [Fact]
    public void Crossing_the_threshold_shows_in_feature_page_and_event()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        Guest.Check("""busybox uevent sh -c 'echo "$NVME_AEN"' > /run/events 2>&1 & echo $! > /run/listener""");
        SetMigration(Active, "-c 16");

        Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=15 oflag=direct status=none");
        uint below = GetMigration();
        Guest.Check($"dd if=/dev/urandom of={Disk} bs=4k count=5 seek=500 oflag=direct status=none");

        // An event's first dword: type 7 (vendor specific) in bits 2:0, the page that tells more in bits 23:16.
        Guest.WaitFor("grep -Eq '^0xd0..07$' /run/events", TimeSpan.FromSeconds(10));
        Guest.Check("kill $(cat /run/listener)");
        Assert.Equal(0u, below & ThresholdExceeded);
        Assert.Equal(ThresholdExceeded, GetMigration() & ThresholdExceeded);
        Assert.True(ReadStatus().ThresholdExceeded);
        Assert.True(ReadRanges(WrittenPage).ThresholdExceeded);
    }

    [Fact]
    public void Fence_of_a_halted_machine_holds_its_writes_until_it_is_lifted()
    {
        DriveProcess drive = StartDrive();
        Connect(drive);
        SetMigration(Active);

        SetMigration(Active | Halted);
        MigrationStatus halted = ReadStatus();
        string write = $"dd if=/dev/zero of={Disk} bs=4k count=1 oflag=direct";
        Guest.Check($"rm -f /run/status; ({write}; echo $? > /run/status) > /dev/null 2>&1 &");
        GuestResult held = Guest.Run("sleep 2; test ! -e /run/status");
        SetMigration(Active);

        Guest.WaitFor("test -e /run/status", TimeSpan.FromSeconds(20));
        Assert.Equal("0\n", Guest.Check("cat /run/status"));
        Assert.Equal(2u, halted.Phase);
        Assert.Equal(0, held.ExitCode);
    }
}
