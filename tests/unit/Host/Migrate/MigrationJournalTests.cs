using System.Text;
using Emulator.Host;
using Emulator.Host.Migrate;
using Emulator.Wire;

namespace Emulator.UnitTests.Host.Migrate;

public sealed class MigrationJournalTests : IDisposable
{
    private static readonly MigrateOptions Options = new()
    {
        From = "127.0.0.1:4420",
        To = "[::1]:4421",
        Subsystem = "nqn.2026-11.io.emulator:drive0",
        Manager = "nqn.2026-11.io.emulator:hypervisor",
        Vm = "1",
        VmThere = "0x101",
        Mode = DirectTransferMode.Checksums,
        BytesPerSecond = 50_000_000,
        MaxDowntimeMs = 12.5,
        EraseSource = true,
        QmpFrom = "/run/a.qmp",
        QmpTo = "host:4444",
        RamUri = "tcp:host:4445",
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");

    private string File => Path.Combine(_directory.FullName, "sub", "journal");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_was_begun_is_there_again_with_all_that_it_takes_to_go_on()
    {
        using (MigrationJournal journal = MigrationJournal.Create(File, Options, 1, 0x101))
        {
            journal.Begin(JournalStep.Bound);
            journal.Begin(JournalStep.Switch);
        }

        using MigrationJournal resumed = MigrationJournal.Resume(File);

        Assert.Equal(Options, resumed.First.Options);
        Assert.Equal(((ushort?)1, (ushort?)0x101), (resumed.First.Vm, resumed.First.VmThere));
        Assert.Equal(JournalStep.Switch, resumed.Last);
        Assert.False(resumed.IsOver);
    }

    [Fact]
    public void How_far_the_data_was_and_who_wrote_it_is_there_again_and_is_no_step()
    {
        using (MigrationJournal journal = MigrationJournal.Create(File, Options, 1, 0x101))
        {
            journal.Begin(JournalStep.Bound);
            journal.Note(new MoverMark { Writer = 0x105, Medium = "a" });
            journal.Note(new MoverMark { Writer = 0x106, Medium = "a", Nsid = 2, Block = 77 });
            Assert.Equal(JournalStep.Bound, journal.Last);
        }

        using MigrationJournal resumed = MigrationJournal.Resume(File);

        Assert.Equal(JournalStep.Bound, resumed.Last);
        Assert.Equal(new MoverMark { Writer = 0x106, Medium = "a", Nsid = 2, Block = 77 }, resumed.LastMark);
        Assert.Equal([0x105, 0x106], resumed.Writers);
    }

    [Fact]
    public void Cut_off_anywhere_it_tells_the_last_step_that_is_whole()
    {
        long afterFirst;
        using (MigrationJournal journal = MigrationJournal.Create(File, Options, 1, 2))
        {
            afterFirst = new FileInfo(File).Length;
            journal.Begin(JournalStep.Bound);
        }

        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int length = 0; length <= whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            if (length < afterFirst)
            {
                Assert.Throws<UserErrorException>(() => MigrationJournal.Resume(File));
                continue;
            }

            using MigrationJournal resumed = MigrationJournal.Resume(File);
            Assert.Equal(length == whole.Length ? JournalStep.Bound : JournalStep.Begun, resumed.Last);
            resumed.Begin(JournalStep.Memory);
            resumed.Dispose();
            using MigrationJournal again = MigrationJournal.Resume(File);
            Assert.Equal(JournalStep.Memory, again.Last);
        }
    }

    [Fact]
    public void One_process_has_it_at_a_time()
    {
        using MigrationJournal journal = MigrationJournal.Create(File, Options, 1, 2);
        Assert.Throws<UserErrorException>(() => MigrationJournal.Resume(File));
        Assert.Throws<UserErrorException>(() => MigrationJournal.Create(File, Options, 1, 2));
    }

    [Theory]
    [InlineData(nameof(JournalStep.Done), true)]
    [InlineData(nameof(JournalStep.RolledBack), true)]
    [InlineData(nameof(JournalStep.Begun), false)]
    [InlineData(nameof(JournalStep.Switch), false)]
    [InlineData(nameof(JournalStep.RollBack), false)]
    public void Another_migration_begins_when_it_is_over_and_not_before(string step, bool isOver)
    {
        JournalStep last = Enum.Parse<JournalStep>(step);
        using (MigrationJournal journal = MigrationJournal.Create(File, Options, 1, 2))
        {
            if (last != JournalStep.Begun)
                journal.Begin(last);
        }

        if (!isOver)
        {
            UserErrorException e = Assert.Throws<UserErrorException>(() => MigrationJournal.Create(File, Options, 3, 4));
            Assert.Contains("--resume goes on with it", e.Message, StringComparison.Ordinal);
            return;
        }

        using MigrationJournal next = MigrationJournal.Create(File, Options, 3, 4);
        Assert.Equal((ushort?)3, next.First.Vm);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData("{\"step\":\"begun\",\"time\":\"2026-11-22T00:00:00Z\",\"version\":2}\n")]
    public void What_is_no_journal_is_refused_and_left_alone(string text)
    {
        string file = Path.Combine(_directory.FullName, "other");
        System.IO.File.WriteAllText(file, text);

        Assert.Throws<UserErrorException>(() => MigrationJournal.Resume(file));
        if (text.Length > 0)
            Assert.Throws<UserErrorException>(() => MigrationJournal.Create(file, Options, 1, 2));

        Assert.Equal(text, System.IO.File.ReadAllText(file, Encoding.UTF8));
    }
}
