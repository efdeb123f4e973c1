using Emulator.Core;
using Emulator.Device;
using Emulator.Host.Migrate;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>
/// A source that can transfer and a destination that stands by, with a VM's paths to both, and the migration that moves it.
/// </summary>
internal sealed class MovePair : IDisposable
{
    public const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";
    public const string VmNqn = "nqn.2026-11.io.emulator:vm";
    public const int Blocks = 16384;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");
    private readonly List<IDisposable> _connections = [];

    /// <param name="change">Of the destination, as it otherwise would be.</param>
    /// <param name="isBoth">It changes the source likewise.</param>
    public MovePair(Func<DriveOptions, DriveOptions>? change = null, bool isBoth = false)
    {
        DriveOptions drive = new()
        {
            CapacityBytes = 64 << 20,
            Namespaces = [new NamespaceOptions { SizeBytes = 64 << 20, BlockBytes = 4096 }],
            Managers = [ManagerNqn],
            Peers = new TcpPeerConnector(),
        };
        if (isBoth)
            drive = change!(drive);
        Source = new TestTarget(drive with { LastControllerId = 0xFF });
        DriveOptions there = drive with { FirstControllerId = 0x100, LastControllerId = 0x1FF, IsStandby = true };
        Destination = new TestTarget(change?.Invoke(there) ?? there);
        Vm = Source.Connect(out HostQueue queue, Source.Host with { HostNqn = VmNqn });
        Arriving = Destination.Connect(out HostQueue arriving, Destination.Host with { HostNqn = VmNqn });
        Host = new MultipathHost((Vm, queue), (Arriving, arriving));
        Options = new MigrateOptions
        {
            From = Source.EndPoint.ToString(),
            To = Destination.EndPoint.ToString(),
            Subsystem = drive.SubsystemNqn,
            Manager = ManagerNqn,
            Vm = $"{Vm.Id}",
            VmThere = $"{Arriving.Id}",
        };
    }

    public TestTarget Source { get; }

    public TestTarget Destination { get; }

    public HostController Vm { get; }

    public HostController Arriving { get; }

    public MultipathHost Host { get; }

    public MigrateOptions Options { get; set; }

    public string JournalPath => Path.Combine(_directory.FullName, "journal");

    /// <summary>Of the last migration.</summary>
    public MigrateReport? Report { get; private set; }

    /// <summary>A new migration.</summary>
    public MigrateReport Migrate(Action<string>? atStep = null, Func<bool>? isInterrupted = null)
    {
        using var run = new MigrationRun(Options, false, new Silence(), isInterrupted ?? (() => false)) { AtStep = atStep ?? (_ => { }) };
        using MigrationJournal journal = run.Prepare(JournalPath);
        Report = run.Report;
        run.Execute(journal);
        return run.Report;
    }

    /// <summary>Goes on with the one in the journal.</summary>
    public MigrateReport Resume(Action<string>? atStep = null, Func<bool>? isInterrupted = null)
    {
        using MigrationJournal journal = MigrationJournal.Resume(JournalPath);
        using var run = new MigrationRun(journal.First.Options!, true, new Silence(), isInterrupted ?? (() => false)) { AtStep = atStep ?? (_ => { }) };
        Report = run.Report;
        run.Execute(journal);
        return run.Report;
    }

    /// <summary>Takes the one in the journal back.</summary>
    public void TakeBack()
    {
        using MigrationJournal journal = MigrationJournal.Resume(JournalPath);
        using var run = new MigrationRun(journal.First.Options!, true, new Silence(), () => false);
        run.TakeBack(journal);
    }

    /// <summary>A connection of the manager with one queue.</summary>
    public HostController Manage(TestTarget target, out HostQueue queue)
    {
        HostController manager = target.Connect(out queue, target.Host with { HostNqn = ManagerNqn });
        _connections.Add(manager);
        return manager;
    }

    public VmMigrationStatus Status(TestTarget target, ushort vm)
    {
        byte[] page = new byte[VmMigrationStatus.Size];
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.VmMigrationStatus, page.Length);
        entry.Cdw11 |= (uint)vm << 16;
        using HostController manager = target.Connect(target.Host with { HostNqn = ManagerNqn });
        manager.Succeed("Get Log Page D0h", entry, page);
        return WireStruct.Read<VmMigrationStatus>(page);
    }

    /// <summary>Writes every block of the VM's namespace at the source, so that all of it has to move.</summary>
    public void FillSource()
    {
        const int perWrite = 16;
        byte[] data = new byte[perWrite * 4096];
        for (int block = 0; block < Blocks; block += perWrite)
        {
            new SeededRandom((ulong)block).Fill(data);
            Assert.Equal(Wire.Status.Success, Vm.IoQueues[0].Execute(HostCommands.Write(1, (ulong)block, perWrite), data).Status);
        }
    }

    /// <summary>The data of a namespace, as the manager reads it.</summary>
    public byte[] Read(TestTarget target)
    {
        const int perRead = 16;
        byte[] all = new byte[Blocks * 4096];
        Manage(target, out HostQueue queue);
        for (int block = 0; block < Blocks; block += perRead)
        {
            Status status = queue.Execute(
                HostCommands.Read(1, (ulong)block, perRead), all.AsSpan(block * 4096, perRead * 4096)).Status;
            Assert.Equal(Wire.Status.Success, status);
        }

        return all;
    }

    public void Dispose()
    {
        foreach (IDisposable connection in _connections)
            connection.Dispose();
        Host.Dispose();
        Source.Dispose();
        Destination.Dispose();
        _directory.Delete(recursive: true);
    }

    private sealed class Silence : IMigrateDisplay
    {
        public void Begin(MigratePhase phase)
        {
        }

        public void Show(MigrateSample sample)
        {
        }

        public void Say(string line)
        {
        }
    }
}
