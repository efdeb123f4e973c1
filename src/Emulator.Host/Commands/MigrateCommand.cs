using System.CommandLine;
using System.Net;
using System.Numerics;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Migrate;
using Emulator.Host.Snapshots;
using Emulator.Wire;

namespace Emulator.Host.Commands;

/// <summary>migrate: moves a VM's storage, and the VM with it, from one drive to another while it runs.</summary>
public static class MigrateCommand
{
    private const string Codes =
        "Exit codes: 0 moved; 1 a defect; 2 nothing was begun, something has to be changed first; 3 failed and taken back, the VM runs on at "
        + "the source; 4 taken back since the VM changes more than moves; 5 not over, --resume or --roll-back; 130 interrupted and taken back.";

    private static readonly Dictionary<string, MoveThrough> Ways = new(StringComparer.Ordinal)
    {
        ["drive"] = MoveThrough.Drive,
        ["host"] = MoveThrough.Host,
    };

    private static readonly Dictionary<string, DirectTransferMode> Modes = new(StringComparer.Ordinal)
    {
        ["whole"] = DirectTransferMode.WholeCapacity,
        ["written"] = DirectTransferMode.WrittenRanges,
        ["snapshot"] = DirectTransferMode.SnapshotDelta,
        ["checksums"] = DirectTransferMode.Checksums,
        ["dirty"] = DirectTransferMode.DirtyRanges,
    };

    private static readonly Dictionary<string, DirectTransferScheme> Schemes = new(StringComparer.Ordinal)
    {
        ["dbt"] = DirectTransferScheme.DirtyBlockTracking,
        ["mirroring"] = DirectTransferScheme.Mirroring,
        ["lr"] = DirectTransferScheme.LowRedundancy,
        ["slr"] = DirectTransferScheme.SourceLowRedundancy,
        ["aio"] = DirectTransferScheme.AsynchronousMirroring,
    };

    private static readonly Dictionary<string, DirectTransferForm> Forms = new(StringComparer.Ordinal)
    {
        ["decoded"] = DirectTransferForm.Decoded,
        ["stored"] = DirectTransferForm.Stored,
    };

    private static readonly Option<IPEndPoint?> From = EndPointOption("--from", "source drive");
    private static readonly Option<IPEndPoint?> To = EndPointOption("--to", "destination drive");
    private static readonly Option<IPEndPoint?> TransferTo = EndPointOption("--transfer-to", "where the source drive finds the destination [default: as --to]");

    private static readonly Option<string> Subsystem = Text("--subsystem", "subsystem of both", "NQN", DriveOptions.DefaultSubsystemNqn);

    private static readonly Option<string> Manager = Text("--manager", "host to connect as, a manager at both", "NQN", SnapshotTarget.DefaultHostNqn);

    private static readonly Option<string?> Vm = Text("--vm", "the VM: its controller identifier at the source, or its host NQN", "ID|NQN");

    private static readonly Option<string?> VmThere = Text(
        "--vm-there", "the VM at the destination [default: as --vm, if that is an NQN]", "ID|NQN");

    private static readonly Option<MoveThrough?> Through = Choice(
        "--through", "who moves the data: drive, the source does by itself, or host, this process does [default: drive]", Ways);

    private static readonly Option<DirectTransferMode?> Mode = Choice(
        "--mode", "what the first pass moves: whole, written, snapshot, checksums or dirty [default: whole]", Modes);

    private static readonly Option<DirectTransferForm?> Form = Choice(
        "--form", "decoded, or stored: as the medium has it, compressed and encrypted [default: decoded]", Forms);

    private static readonly Option<DirectTransferScheme?> Scheme = Choice(
        "--scheme", "where the VM's commands go meanwhile: dbt, mirroring, lr, slr or aio [default: to the source, which tracks changes]", Schemes);

    private static readonly Option<ushort> Snapshot = Number<ushort>("--snapshot", "snapshot that the destination holds, for --mode snapshot");

    private static readonly Option<ByteSize?> Bandwidth = TextOption.Create(
        "--bandwidth", "most bytes of data a second [default: no limit]", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<int> Queues = Number<int>("--queues", "I/O queues between the drives, 1 to 8 [default: the drive's]");
    private static readonly Option<int> Depth = Number<int>("--depth", "commands on each, 1 to 128 [default: the drive's]");
    private static readonly Option<ByteSize?> Chunk = TextOption.Create(
        "--chunk", "bytes of a command that moves data, a power of two from 4KiB to 1MiB [default: 128KiB]", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<int> Share = Number<int>("--share", "share of the source drive's work, in percent, 1 to 100 [default: what the drive finds it needs]");

    private static readonly Option<int> Reconnect = Number(
        "--reconnect", "seconds for which a lost connection that data moves over is tried anew", MigrateOptions.DefaultReconnectSeconds);

    private static readonly Option<double> MaxDowntime = Number(
        "--max-downtime", "milliseconds: the VM is paused when its black-out is predicted to be shorter", 300.0);

    private static readonly Option<double> Patience = Number("--patience", "seconds after the first pass in which the goal has to be reached", 60.0);

    private static readonly Option<int> HoldBackTo = Number(
        "--hold-back",
        "least share, in percent, of what it wrote before that the VM keeps when it writes as fast as its data moves; 100 leaves it alone",
        MigrateOptions.DefaultHoldBackPercent);

    private static readonly Option<bool> ForceSwitch = new("--force-switch") { Description = "switch then also if it is not reached" };
    private static readonly Option<bool> NoState = new("--no-state") { Description = "move the data without the drive's state of the VM" };
    private static readonly Option<bool> WarmCache = new("--warm-cache") { Description = "read into the destination's cache what the source's held" };

    private static readonly Option<bool> EraseSource = new("--erase-source")
    {
        Description = "deallocate the VM's data at the source when it has moved, and prove it",
    };

    private static readonly Option<bool> SnapshotAtSwitch = new("--snapshot-at-switch")
    {
        Description = "have the destination keep a snapshot of the moment of the switch",
    };

    private static readonly Option<string?> QmpFrom = Text("--qmp-from", "QMP socket of the VM; without it the VM stays and its storage moves", "PATH|HOST:PORT");
    private static readonly Option<string?> QmpTo = Text("--qmp-to", "QMP socket of the QEMU that waits for it, with -incoming", "PATH|HOST:PORT");
    private static readonly Option<string?> Ram = Text("--ram", "where that QEMU takes the memory: tcp:HOST:PORT", "URI");

    private static readonly Option<string?> RamListen = Text(
        "--ram-listen", "have it listen there; for -incoming defer [default: it listens already]", "URI");

    private static readonly Option<ByteSize?> RamBandwidth = TextOption.Create(
        "--ram-bandwidth", "most bytes of memory a second [default: no limit]", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<double> Drain = Number("--drain", "milliseconds for which the VM, fenced, has to send no command before it is paused", 5.0);

    private static readonly Option<string?> Journal = Text(
        "--journal", "the file that keeps where the migration is [default: one below ~/.local/state/emulator]", "FILE");

    private static readonly Option<bool> Resume = new("--resume") { Description = "go on with a migration whose process died, as its journal says" };
    private static readonly Option<bool> RollBack = new("--roll-back") { Description = "take such a migration back, if it has not switched" };
    private static readonly Option<string?> ReportFile = Text("--report", "write the report to a file, as JSON", "FILE");
    private static readonly Option<string?> PlotFile = Text("--plot", "write rate, dirty set and guest latency over time to a file, as SVG", "FILE");
    private static readonly Option<bool> Force = new("--force") { Description = "overwrite these files if they exist" };

    public static Command Create()
    {
        var command = new Command("migrate", "Move a running VM's storage, and the VM with it, to another drive. " + Codes)
        {
            From, To, TransferTo, Subsystem, Manager, Vm, VmThere, Through, Mode, Form, Scheme, Snapshot, Bandwidth, Queues, Depth, Chunk, Share, Reconnect,
            MaxDowntime, Patience, HoldBackTo, ForceSwitch, NoState, WarmCache, EraseSource, SnapshotAtSwitch, QmpFrom, QmpTo, Ram, RamListen,
            RamBandwidth, Drain, Journal, Resume, RollBack, ReportFile, PlotFile, Force,
        };
        command.SetAction(parsed => new MigrateProcess(RequestOf(parsed)).Run());
        return command;
    }

    private static MigrateRequest RequestOf(ParseResult parsed)
    {
        bool goesOn = parsed.GetValue(Resume) || parsed.GetValue(RollBack);
        if (parsed.GetValue(Journal) == null && parsed.GetValue(Vm) == null)
            throw new UserErrorException(goesOn ? "--journal is missing, or --vm for the default journal" : "--vm is missing");
        return new MigrateRequest
        {
            Options = goesOn ? null : OptionsOf(parsed),
            Journal = parsed.GetValue(Journal) ?? MigrationJournal.DefaultPath(parsed.GetValue(Subsystem)!, parsed.GetValue(Vm)!),
            Resume = parsed.GetValue(Resume),
            RollBack = parsed.GetValue(RollBack),
            ForceSwitch = parsed.GetValue(ForceSwitch),
            ReportFile = parsed.GetValue(ReportFile),
            PlotFile = parsed.GetValue(PlotFile),
            Force = parsed.GetValue(Force),
        };
    }

    private static MigrateOptions OptionsOf(ParseResult parsed)
    {
        string vm = parsed.GetValue(Vm) ?? throw new UserErrorException("--vm is missing");
        var options = new MigrateOptions
        {
            From = Required(parsed, From).ToString(),
            To = Required(parsed, To).ToString(),
            TransferTo = parsed.GetValue(TransferTo)?.ToString(),
            Subsystem = parsed.GetValue(Subsystem)!,
            Manager = parsed.GetValue(Manager)!,
            Vm = vm,
            VmThere = parsed.GetValue(VmThere)
                ?? (vm.Contains(':') ? vm : throw new UserErrorException("--vm-there is missing: the VM has another identifier at the destination")),
            Through = parsed.GetValue(Through) ?? MoveThrough.Drive,
            Mode = parsed.GetValue(Mode),
            Form = parsed.GetValue(Form) ?? DirectTransferForm.Decoded,
            Scheme = parsed.GetValue(Scheme) ?? DirectTransferScheme.None,
            Snapshot = parsed.GetValue(Snapshot),
            BytesPerSecond = parsed.GetValue(Bandwidth)?.Bytes ?? 0,
            Queues = InRange(parsed, Queues, 1, 8),
            Depth = InRange(parsed, Depth, 1, 128),
            CommandBytes = CommandBytesOf(parsed),
            SharePercent = InRange(parsed, Share, 1, 100),
            ReconnectSeconds = InRange(parsed, Reconnect, 0, 86_400),
            MaxDowntimeMs = Positive(parsed, MaxDowntime),
            PatienceSeconds = Positive(parsed, Patience),
            HoldBackPercent = InRange(parsed, HoldBackTo, 1, MigrateOptions.NoHoldBack),
            ForceSwitch = parsed.GetValue(ForceSwitch),
            NoState = parsed.GetValue(NoState),
            WarmCache = parsed.GetValue(WarmCache),
            EraseSource = parsed.GetValue(EraseSource),
            SnapshotAtSwitch = parsed.GetValue(SnapshotAtSwitch),
            QmpFrom = parsed.GetValue(QmpFrom),
            QmpTo = parsed.GetValue(QmpTo),
            RamUri = parsed.GetValue(Ram),
            RamListen = parsed.GetValue(RamListen),
            RamBytesPerSecond = parsed.GetValue(RamBandwidth)?.Bytes ?? 0,
            DrainMs = parsed.GetValue(Drain),
        };
        return Checked(options);
    }

    private static MigrateOptions Checked(MigrateOptions options)
    {
        if ((options.Mode == DirectTransferMode.SnapshotDelta) != (options.Snapshot != 0))
            throw new UserErrorException("--mode snapshot and --snapshot go together");
        bool isPlain = options.Form == DirectTransferForm.Decoded && options.Mode != DirectTransferMode.Checksums;
        if (options.Scheme != DirectTransferScheme.None && !isPlain)
            throw new UserErrorException("--scheme goes with neither --form stored nor --mode checksums");
        if (options.Through == MoveThrough.Host)
            CheckThroughHost(options);
        if ((options.QmpFrom == null) != (options.QmpTo == null) || (options.QmpFrom == null) != (options.RamUri == null))
            throw new UserErrorException("--qmp-from, --qmp-to and --ram go together");
        if (options.DrainMs is < 0 or > 1000 || double.IsNaN(options.DrainMs))
            throw new UserErrorException("--drain: must be 0 to 1000");
        return options;
    }

    private static void CheckThroughHost(MigrateOptions options)
    {
        if (options.Scheme != DirectTransferScheme.None)
            throw new UserErrorException("--scheme takes a drive that moves the data by itself, not --through host");
        if (options.Form == DirectTransferForm.Stored || options.Mode == DirectTransferMode.Checksums)
            throw new UserErrorException("--through host goes with neither --form stored nor --mode checksums");
        if (options.TransferTo != null)
            throw new UserErrorException("--transfer-to is for a drive that moves the data by itself, not --through host");
    }

    private static int CommandBytesOf(ParseResult parsed)
    {
        long bytes = parsed.GetValue(Chunk)?.Bytes ?? 0;
        return bytes == 0 || (bytes is >= 4096 and <= 1 << 20 && BitOperations.IsPow2(bytes))
            ? (int)bytes
            : throw new UserErrorException("--chunk: must be a power of two from 4KiB to 1MiB");
    }

    private static IPEndPoint Required(ParseResult parsed, Option<IPEndPoint?> option) =>
        parsed.GetValue(option) ?? throw new UserErrorException($"{option.Name} is missing");

    /// <summary>0 for an option that is not given and has no default: the drive, or the mover, knows what is best.</summary>
    private static int InRange(ParseResult parsed, Option<int> option, int least, int most)
    {
        int value = parsed.GetValue(option);
        bool isGiven = parsed.GetResult(option) is { Implicit: false };
        return !isGiven || (value >= least && value <= most)
            ? value
            : throw new UserErrorException($"{option.Name}: {value} must be {least} to {most}");
    }

    private static double Positive(ParseResult parsed, Option<double> option) =>
        parsed.GetValue(option) is > 0 and < 1e9 and var value
            ? value
            : throw new UserErrorException($"{option.Name}: must be more than 0");

    private static Option<IPEndPoint?> EndPointOption(string name, string description) =>
        TextOption.Create(name, description, "ADDRESS:PORT", text => (IPEndPoint?)EndpointText.ParseEndpoint(text));

    private static Option<T?> Choice<T>(string name, string description, Dictionary<string, T> choices)
        where T : struct => TextOption.Create(name, description, "NAME", text => choices.TryGetValue(text, out T choice)
            ? (T?)choice
            : throw new FormatException($"'{text}' is none of {string.Join(", ", choices.Keys)}"));

    private static Option<string?> Text(string name, string description, string valueName) =>
        new(name) { Description = description, HelpName = valueName };

    private static Option<string> Text(string name, string description, string valueName, string otherwise) =>
        new(name) { Description = description, HelpName = valueName, DefaultValueFactory = _ => otherwise };

    private static Option<T> Number<T>(string name, string description) => new(name) { Description = description, HelpName = "NUMBER" };

    private static Option<T> Number<T>(string name, string description, T otherwise) =>
        new(name) { Description = description, HelpName = "NUMBER", DefaultValueFactory = _ => otherwise };
}
