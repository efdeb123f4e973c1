using Emulator.Core;
using Emulator.Device;
using Emulator.Host;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests;

/// <summary>emulator snapshot: images of snapshots are exported from a running drive and imported into another.</summary>
public sealed class SnapshotImageTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");
    private readonly SnapshotDrive _drive = new();
    private readonly SeededRandom _random = new(20261122);

    private string Full => Path.Combine(_directory.FullName, "full.img");

    private string Incremental => Path.Combine(_directory.FullName, "incremental.img");

    public void Dispose()
    {
        _drive.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_chain_of_images_makes_another_drive_what_the_first_was(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new SeededRandom(seed);
        using var elsewhere = new SnapshotDrive();
        string? since = null;
        for (int i = 0; i < 4; i++)
        {
            ChangeSome(random, 12);
            (byte[] contents, HashSet<int> unreadable) = ([.. _drive.Contents], [.. _drive.Unreadable]);
            _drive.Succeed("create");
            ChangeSome(random, 3);
            string image = Path.Combine(_directory.FullName, $"{i}.img");
            _drive.Succeed(["export", image, "--snapshot", $"{i + 1}", .. since == null ? Array.Empty<string>() : ["--since", since]]);
            elsewhere.Succeed("import", image);
            elsewhere.AssertHolds(contents, unreadable);
            since = image;
        }

        _drive.AssertHolds();
        Assert.Empty(elsewhere.Target.OnReactor(() => elsewhere.Target.Drive.Snapshots.All.ToArray()));
    }

    [Fact]
    public void Snapshots_are_made_restored_and_deleted_by_their_identifiers()
    {
        _drive.Write(10, 4, _random);
        byte[] contents = [.. _drive.Contents];
        _drive.Succeed("create");
        _drive.Write(11, 9, _random);
        _drive.Succeed("list");
        _drive.Succeed("restore", "1");
        _drive.AssertHolds(contents, _drive.Unreadable);
        _drive.Succeed("delete", "1");
        (int exitCode, string errors) = _drive.Run("restore", "1");
        Assert.Equal((ExitCode.UserError, "emulator: snapshot: Snapshot Restore: 1h/C4h Snapshot Not Found +dnr, dword 0 0h\n"), (exitCode, errors));
    }

    /// <summary>Rows: which byte is wrong, from the end if it is negative.</summary>
    [Theory]
    [InlineData(9)]
    [InlineData(30)]
    [InlineData(255)]
    [InlineData(260)]
    [InlineData(5000)]
    [InlineData(-1)]
    public void An_image_with_a_wrong_byte_is_refused_and_nothing_is_written(int offset)
    {
        MakeFull();
        byte[] image = File.ReadAllBytes(Full);
        image[offset < 0 ? image.Length + offset : offset] ^= 0x10;
        File.WriteAllBytes(Full, image);
        _drive.Write(100, 5, _random);

        (int exitCode, string errors) = _drive.Run("import", Full);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.StartsWith($"emulator: {Full} is damaged: ", errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
        _drive.AssertHolds();
    }

    [Theory]
    [InlineData(0, ExitCode.UserError, "is no image of a snapshot")]
    [InlineData(7, ExitCode.UserError, "is no image of a snapshot")]
    [InlineData(100, ExitCode.Failure, "is damaged: it ends within its header")]
    [InlineData(256, ExitCode.Failure, "is damaged: it has 256 bytes and its header says ")]
    [InlineData(6000, ExitCode.Failure, "is damaged: it has 6000 bytes and its header says ")]
    public void An_image_that_is_not_whole_is_refused(int length, int expected, string message)
    {
        MakeFull();
        File.WriteAllBytes(Full, File.ReadAllBytes(Full)[..length]);
        (int exitCode, string errors) = _drive.Run("import", Full);
        Assert.Equal(expected, exitCode);
        Assert.StartsWith($"emulator: {Full} {message}", errors);
    }

    [Fact]
    public void An_image_of_another_version_and_a_file_of_another_kind_are_told()
    {
        MakeFull();
        byte[] image = File.ReadAllBytes(Full);
        image[8] = 2;
        BitConverter.TryWriteBytes(image.AsSpan(252), Crc32C.Compute(image.AsSpan(0, 252)));
        File.WriteAllBytes(Full, image);
        Assert.Equal(
            (ExitCode.UserError, $"emulator: {Full} is an image of version 2; this is for version 1\n"), _drive.Run("import", Full));
        File.WriteAllText(Full, new string('x', 10000));
        Assert.Equal((ExitCode.UserError, $"emulator: {Full} is no image of a snapshot\n"), _drive.Run("import", Full));
        Assert.Equal(ExitCode.UserError, _drive.Run("import", Full + ".not").ExitCode);
    }

    [Fact]
    public void A_namespace_of_another_size_takes_no_image()
    {
        MakeFull();
        using var other = new SnapshotDrive(SnapshotDrive.Options with { Namespaces = [new NamespaceOptions { SizeBytes = 4 << 20, BlockBytes = 512 }] });
        (int exitCode, string errors) = other.Run("import", Full);
        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.Equal($"emulator: {Full} is of {SnapshotDrive.Blocks} blocks of 512 bytes, and namespace 1 has 8192 of 512\n", errors);
    }

    [Fact]
    public void An_incremental_image_is_only_brought_to_what_it_builds_on()
    {
        MakeFull();
        _drive.Write(7, 1, _random);
        _drive.Succeed("export", Incremental, "--since", Full);
        (int exitCode, string errors) = _drive.Run("import", Incremental);
        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith($"emulator: {Incremental} builds on snapshot 1, and namespace 1 holds something else", errors);
        _drive.AssertHolds();

        using var elsewhere = new SnapshotDrive();
        Assert.Equal(ExitCode.UserError, elsewhere.Run("import", Incremental).ExitCode);
        elsewhere.Succeed("import", Full);
        elsewhere.Succeed("import", Incremental);
        elsewhere.AssertHolds(_drive.Contents, _drive.Unreadable);
    }

    [Fact]
    public void An_export_since_a_snapshot_that_is_gone_or_later_leaves_no_file()
    {
        MakeFull();
        string later = Path.Combine(_directory.FullName, "later.img");
        _drive.Succeed("export", later);
        (int exitCode, string errors) = _drive.Run("export", Incremental, "--since", later, "--snapshot", "1");
        Assert.Equal((ExitCode.UserError, "emulator: snapshot 2, which the earlier image is of, is later than snapshot 1\n"), (exitCode, errors));
        _drive.Succeed("delete", "1");
        (exitCode, errors) = _drive.Run("export", Incremental, "--since", Full, "--snapshot", "2");
        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: snapshot 1, which the earlier image is of, is not on the drive any more", errors);
        Assert.Equal(2, _directory.GetFiles().Length);
    }

    [Fact]
    public void A_file_that_exists_is_only_overwritten_by_force()
    {
        MakeFull();
        byte[] image = File.ReadAllBytes(Full);
        Assert.Equal((ExitCode.UserError, $"emulator: {Full} exists; --force overwrites it\n"), _drive.Run("export", Full, "--snapshot", "1"));
        Assert.Equal(image, File.ReadAllBytes(Full));
        _drive.Succeed("export", Full, "--snapshot", "1", "--force");
        Assert.Equal(image, File.ReadAllBytes(Full));
    }

    [Fact]
    public void An_import_that_finds_no_room_leaves_the_namespace_as_it_was()
    {
        using var small = new SnapshotDrive(SnapshotDrive.Options with { CapacityBytes = 4 << 20, OverProvisioningPercent = 7 });
        small.Succeed("export", Full);
        for (int block = 0; block + 64 < SnapshotDrive.Blocks; block += 64)
            small.Write(block, 64, _random);
        small.Succeed("export", Incremental, "--since", Full);
        small.Succeed("import", Full);

        (int exitCode, string errors) = small.Run("import", Incremental);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Matches(@"^emulator: writing block \d+: 0h/81h Capacity Exceeded \+dnr, dword 0 0h; namespace 1 is what it was before\n$", errors);
        small.AssertHolds(new byte[SnapshotDrive.Blocks * SnapshotDrive.BlockBytes], small.Unreadable);
        Assert.Equal(2, small.Target.OnReactor(() => small.Target.Drive.Snapshots.All.Count));
    }

    [Fact]
    public void A_manager_exports_the_namespace_of_a_VM_and_nobody_else_does()
    {
        using var pair = new MigrationPair();
        string[] where = ["--target", pair.SourceTarget.EndPoint.ToString(), "--subsystem", pair.SourceTarget.Host.SubsystemNqn, "--vm", $"{pair.From}"];
        MigrationPair.Write(pair.VmQueue, 5, 3);
        Assert.Equal((0, ""), Run(["export", Full, .. where, "--host-nqn", MigrationPair.ManagerNqn]));
        (int exitCode, string errors) = Run(["export", Incremental, .. where, "--host-nqn", MigrationPair.VmNqn]);
        Assert.Equal((ExitCode.UserError, "emulator: snapshot: Snapshot Create: 0h/15h Operation Denied +dnr, dword 0 0h\n"), (exitCode, errors));
    }

    /// <summary>The golden images are of version 1, and stay what they are.</summary>
    [Fact]
    public void Images_of_version_1_are_written_and_read_as_ever()
    {
        MakeGolden();
        using var elsewhere = new SnapshotDrive();
        foreach ((string made, string golden) in new[] { (Full, "snapshot-full-v1.img"), (Incremental, "snapshot-incremental-v1.img") })
        {
            string path = Path.Combine(AppContext.BaseDirectory, "Golden", golden);
            Assert.Equal(WithoutTimes(File.ReadAllBytes(path)), WithoutTimes(File.ReadAllBytes(made)));
            elsewhere.Succeed("verify", path);
            elsewhere.Succeed("import", path);
        }

        elsewhere.AssertHolds(_drive.Contents, _drive.Unreadable);
    }

    private static (int ExitCode, string Errors) Run(string[] arguments)
    {
        using var errors = new StringWriter();
        int exitCode = Emulator.Host.Commands.EmulatorCommand.RunAsync(["snapshot", .. arguments], errors).Result;
        return (exitCode, errors.ToString());
    }

    private static byte[] WithoutTimes(byte[] image)
    {
        image.AsSpan(48, 16).Clear();
        image.AsSpan(252, 4).Clear();
        return image;
    }

    private void MakeFull()
    {
        _drive.Write(0, 30, _random);
        _drive.WriteUncorrectable(50);
        _drive.Succeed("export", Full);
    }

    private void MakeGolden()
    {
        _drive.Write(0, 9, _random);
        _drive.Write(SnapshotDrive.Blocks - 3, 3, _random);
        _drive.WriteUncorrectable(2050);
        _drive.Succeed("export", Full);
        _drive.Write(3, 1, _random);
        _drive.WriteZeroes(8, 8);
        _drive.Write(2048, 8, _random);
        _drive.WriteUncorrectable(4000);
        _drive.Succeed("export", Incremental, "--since", Full);
    }

    private void ChangeSome(SeededRandom random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int blocks = 1 + random.Below(random.Chance(20) ? 200 : 12);
            int block = random.Below(SnapshotDrive.Blocks - blocks);
            switch (random.Below(6))
            {
                case 0:
                    _drive.WriteZeroes(block, blocks);
                    break;
                case 1:
                    _drive.WriteUncorrectable(block);
                    break;
                default:
                    _drive.Write(block, blocks, random);
                    break;
            }
        }
    }
}
