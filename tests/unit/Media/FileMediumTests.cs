using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Media;
using Emulator.UnitTests.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Media;

public sealed class FileMediumTests : IDisposable
{
    private static readonly DriveOptions Options = TestHost.SmallDrive;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");

    private string FilePath => Path.Combine(_directory.FullName, "disk.img");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_drive_on_a_file_is_the_same_when_the_file_is_opened_again()
    {
        byte[] data = [.. Enumerable.Repeat((byte)9, 4096)];
        using (FileMedium medium = MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Durable))
        using (var drive = new Drive(Options, medium))
        {
            TestHost host = TestHost.Connect(drive, new TestClock());
            TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 100, 1, data));
            Assert.Equal(OutcomeKind.Pending, host.Io(IoOpcode.Flush).Kind);
            for (int i = 0; i < 10_000 && host.IoEndpoint.Posted.Count == 0; i++)
            {
                Thread.Sleep(1);
                host.Wait(SimDuration.FromMicroseconds(1));
            }

            TestHost.AssertStatus(Status.Success, Assert.Single(host.IoEndpoint.Posted).Outcome);
            Assert.True(medium.SyncTimes.Count > 0);
        }

        using FileMedium again = MediumFile.Open(FilePath, MediumAccess.Durable, out MediumFormat format);
        using var found = new Drive(Options, again);
        Assert.Equal(Options.CapacityBytes, format.CapacityBytes);
        Assert.False(found.Recovery!.WasClean);
        byte[] read = new byte[4096];
        TestHost.AssertStatus(Status.Success, TestHost.Connect(found, new TestClock()).Transfer(IoOpcode.Read, 100, 1, read));
        Assert.Equal(data, read);
    }

    [Fact]
    public void A_synchronisation_in_the_background_ends_is_told_and_is_timed()
    {
        using FileMedium medium = MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Durable);
        using var told = new ManualResetEventSlim();
        medium.SyncEnded = told.Set;
        long before = medium.SyncTimes.Count;

        SyncTicket first = medium.BeginSync(), second = medium.BeginSync();

        Assert.True(medium.EndSync(second));
        Assert.True(medium.IsOver(first) && medium.IsOver(second));
        Assert.True(told.Wait(TimeSpan.FromSeconds(20)));
        Assert.InRange(medium.SyncTimes.Count - before, 1, 2);
    }

    [Fact]
    public void A_file_that_is_not_to_outlive_the_machine_is_not_synchronised_in_the_background()
    {
        using FileMedium medium = MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Unsynchronised);
        Assert.False(medium.SyncsInBackground);
        Assert.True(medium.Sync());
    }

    [Fact]
    public void A_file_in_use_is_refused()
    {
        using FileMedium medium = MakeDrive();
        Assert.Equal(
            $"{FilePath} is in use by another process; stop that drive, or name another file",
            Refusal(() => MediumFile.Open(FilePath, MediumAccess.Durable, out _)));
        Assert.Contains("is in use", Refusal(() => MediumFile.Open(FilePath, MediumAccess.ReadOnly, out _)), StringComparison.Ordinal);
        Assert.Contains("is in use", Refusal(() => MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Durable)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_medium_is_refused_and_left_alone()
    {
        File.WriteAllText(FilePath, "letters to grandmother");
        Assert.Equal(
            $"{FilePath} is not a medium of the emulator; name another file, or have it formatted anew",
            Refusal(() => MediumFile.Open(FilePath, MediumAccess.Durable, out _)));
        Assert.False(MediumFile.IsToBeMade(FilePath));
        Assert.Equal("letters to grandmother", File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData(8, 3, "has format version 3, this is an emulator for versions 1 and 2; use the one that made it")]
    [InlineData(20, 77, "is damaged: the checksum of its format header is wrong; restore a copy, or give up its contents and have it formatted anew")]
    public void A_header_of_another_version_or_with_a_wrong_byte_is_refused(int offset, byte value, string expected)
    {
        MakeDrive().Dispose();
        Patch(offset, value);
        Assert.Equal($"{FilePath} {expected}", Refusal(() => MediumFile.Open(FilePath, MediumAccess.Durable, out _)));
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused()
    {
        MakeDrive().Dispose();
        using (FileStream file = File.OpenWrite(FilePath))
            file.SetLength(file.Length - 1);
        Assert.Matches("is damaged: it has [0-9]+ bytes of [0-9]+", Refusal(() => MediumFile.Open(FilePath, MediumAccess.Durable, out _)));
    }

    [Fact]
    public void A_file_that_was_not_made_to_the_end_is_refused()
    {
        MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Durable).Dispose();
        Assert.Contains("was not made to the end", Refusal(() => MediumFile.Open(FilePath, MediumAccess.Durable, out _)), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_or_with_an_empty_one_a_medium_is_made()
    {
        Assert.True(MediumFile.IsToBeMade(FilePath));
        File.WriteAllText(FilePath, "");
        Assert.True(MediumFile.IsToBeMade(FilePath));
        Assert.Contains("is a directory", Refusal(() => MediumFile.IsToBeMade(_directory.FullName)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_erased_superblock_gives_its_room_back()
    {
        using FileMedium medium = MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Durable);
        long before = Allocated();
        Assert.True(medium.Reserve(3));
        long bytes = medium.Geometry.PagesPerSuperblock * (long)FlashGeometry.PageBytes;
        Assert.True(Allocated() >= before + bytes);
        medium.Discard(3);
        Assert.True(Allocated() < before + bytes);
    }

    private FileMedium MakeDrive()
    {
        FileMedium medium = MediumFile.Make(FilePath, Options.ToMediumFormat(), MediumAccess.Durable);
        using var drive = new Drive(Options, medium);
        Assert.True(drive.Shutdown(SimTime.Zero).IsSuccess);
        return medium;
    }

    private void Patch(int offset, byte value)
    {
        using FileStream file = File.OpenWrite(FilePath);
        file.Position = offset;
        file.WriteByte(value);
    }

    private long Allocated()
    {
        using var du = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("du", ["--block-size=1", FilePath]) { RedirectStandardOutput = true })!;
        return long.Parse(du.StandardOutput.ReadToEnd().Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Refusal(Action open) => Assert.Throws<MediumException>(open).Message;

    private static string Refusal(Func<object> open) => Refusal(() => { open(); });
}
