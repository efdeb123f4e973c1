using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>The day of a disk: formatted, mounted, hammered, trimmed, mounted again, and found clean.</summary>
public sealed class FileSystemTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("mkfs.ext4 -q -F", "fsck.ext4 -fn", 4096)]
    [InlineData("mkfs.ext4 -q -F", "fsck.ext4 -fn", 512)]
    [InlineData("mkfs.xfs -q -f", "xfs_repair -n", 4096)]
    [InlineData("mkfs.xfs -q -f", "xfs_repair -n", 512)]
    public void File_system_survives_random_writes_trim_and_remount(string format, string check, int blockSize)
    {
        DriveProcess drive = StartDrive("--block-size", $"{blockSize}");
        Connect(drive);

        Guest.Check($"{format} {Disk} && mount {Disk} /mnt", Patience);
        Guest.Check(RandomWrites("--do_verify=1"), Patience);
        Guest.Check("head -c 16M /dev/zero > /mnt/short-lived && sync && rm /mnt/short-lived && sync", Patience);
        string trimmed = Guest.Check("fstrim -v /mnt && umount /mnt", Patience);
        Guest.Check($"mount {Disk} /mnt && {RandomWrites("--verify_only")} && umount /mnt", Patience);
        Guest.Check($"{check} {Disk}", Patience);

        Assert.DoesNotContain("0 B (0 bytes)", trimmed, StringComparison.Ordinal);
    }

    private static string RandomWrites(string options) =>
        "fio --name=job --directory=/mnt --size=12M --bsrange=4k-64k --rw=randwrite --ioengine=libaio --iodepth=16 "
        + $"--direct=1 --verify=crc32c --verify_fatal=1 --randseed=7 --minimal {options}";
}
