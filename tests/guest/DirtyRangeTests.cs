using System.Globalization;
using System.Text;
using Emulator.GuestTests.Decoding;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>Log page D3h against what was really written, to the block.</summary>
public sealed class DirtyRangeTests(GuestFixture fixture, ITestOutputHelper output) : MigrationTest(fixture, output)
{
    private const long DriveBytes = 64L << 20;
    private const int Active = 1;

    [Theory]
    [InlineData(4096)]
    [InlineData(512)]
    public void Dirty_ranges_are_exactly_what_was_written_trimmed_and_zeroed(int blockSize)
    {
        DriveProcess drive = StartDrive("--size", "64MiB", "--block-size", $"{blockSize}");
        Connect(drive);
        Write(0, 40 << 20);
        SetMigration(Active);
        var expected = new ExpectedRanges(DriveBytes, blockSize);

        (long Offset, long Length)[] writes = [(0, 4096), (20_480, 8192), (24_576, 65_536), (1 << 20, 1 << 20)];
        foreach ((long offset, long length) in writes)
        {
            Write(offset, length);
            expected.Write(offset, length);
        }

        Write(DriveBytes - blockSize, blockSize);
        expected.Write(DriveBytes - blockSize, blockSize);
        Guest.Check($"blkdiscard -o {8 << 20} -l {1 << 20} {Disk} && blkdiscard -z -o {12 << 20} -l 65536 {Disk}");
        expected.Zero(8 << 20, 1 << 20);
        expected.Zero(12 << 20, 65_536);

        Assert.Equal(expected.ToList(), ReadRanges(DirtyPage).Ranges);
    }

    [Fact]
    public void Dirty_ranges_match_the_log_of_a_random_writer()
    {
        DriveProcess drive = StartDrive("--size", "64MiB");
        Connect(drive);
        SetMigration(Active);
        Guest.Check($"fio --name=job --filename={Disk} --rw=randwrite --size=48M --io_size=6M --bsrange=4k-32k "
            + "--direct=1 --ioengine=libaio --iodepth=16 --randseed=11 --write_iolog=/run/writes --minimal");

        // A line of fio's log: time, file, action, and for an action on data its offset and length.
        var expected = new ExpectedRanges(DriveBytes, 4096);
        foreach (string[] words in Guest.Check("cat /run/writes").Split('\n').Select(line => line.Split(' ')))
        {
            if (words is [.., "write", string offset, string length]) expected.Write(Number(offset), Number(length));
        }

        IReadOnlyList<BlockRange> ranges = expected.ToList();
        Assert.True(ranges.Count > 100, $"only {ranges.Count} ranges are too few to prove anything");
        Assert.Equal(ranges, ReadRanges(DirtyPage).Ranges);
    }

    [Fact]
    public void Each_write_is_in_exactly_one_round()
    {
        DriveProcess drive = StartDrive("--size", "64MiB");
        Connect(drive);
        SetMigration(Active);

        Write(0, 8192);
        RangeList first = ReadRanges(DirtyPage, Advance);
        Write(4096, 8192);
        RangeList second = ReadRanges(DirtyPage, Advance);
        RangeList third = ReadRanges(DirtyPage);

        Assert.True(first.BeganNewRound && second.BeganNewRound && !third.BeganNewRound);
        Assert.Equal([new BlockRange(0, 2)], first.Ranges);
        Assert.Equal([new BlockRange(1, 2)], second.Ranges);
        Assert.Empty(third.Ranges);
        Assert.Equal(first.Round + 1, second.Round);
    }

    [Fact]
    public void Undo_brings_the_ranges_of_a_failed_copy_back()
    {
        DriveProcess drive = StartDrive("--size", "64MiB");
        Connect(drive);
        SetMigration(Active);
        Write(0, 8192);
        ReadRanges(DirtyPage, Advance);
        Write(1 << 20, 4096);

        RangeList ranges = ReadRanges(DirtyPage, Undo);

        Assert.Equal([new BlockRange(0, 2), new BlockRange(256, 1)], ranges.Ranges);
    }

    [Fact]
    public void Older_image_and_dirty_ranges_make_the_current_disk()
    {
        DriveProcess drive = StartDrive("--size", "64MiB");
        Connect(drive);
        Guest.Check($"mkfs.ext4 -q -F {Disk} && mount {Disk} /mnt");
        Guest.Check("cp -r /usr/share/nvme-cli-tests /mnt && umount /mnt");
        SetMigration(Active);
        Guest.Check($"cp --sparse=always {Disk} /tmp/image");

        Guest.Check($"mount {Disk} /mnt && rm /mnt/nvme-cli-tests/tests/*.json && cp -r /usr/share/perl5 /mnt && sync");
        RangeList first = ReadRanges(DirtyPage, Advance);
        Guest.Check("rm -r /mnt/nvme-cli-tests && sync && fstrim /mnt && echo end > /mnt/end && umount /mnt");
        RangeList second = ReadRanges(DirtyPage, Advance);
        CopyToImage(first);
        CopyToImage(second);

        GuestResult comparison = Guest.Run($"cmp {Disk} /tmp/image && rm /tmp/image");
        Assert.True(comparison.ExitCode == 0, comparison.ToString());
    }

    private void Write(long offset, long length) =>
        Guest.Check($"dd if=/dev/urandom of={Disk} bs={Math.Min(length, 1 << 20)} count={Math.Max(1, length >> 20)} "
            + $"oflag=direct,seek_bytes seek={offset} status=none");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private void CopyToImage(RangeList list)
    {
        const string Script = """
            import sys
            source, target = open('/dev/nvme0n1', 'rb'), open('/tmp/image', 'r+b')
            for line in sys.stdin:
                first, count, zero = map(int, line.split())
                source.seek(first * 4096)
                target.seek(first * 4096)
                for _ in range(count):
                    target.write(bytes(4096) if zero else source.read(4096))
            """;
        IEnumerable<string> lines = list.Ranges.Select(r => $"{r.FirstBlock} {r.Blocks} {(r.ReadsAsZero ? 1 : 0)}\n");
        Guest.Upload(Encoding.ASCII.GetBytes(Script), "/run/copy.py");
        Guest.Run("python3 /run/copy.py", input: Encoding.ASCII.GetBytes(string.Concat(lines))).Succeeded();
    }
}
