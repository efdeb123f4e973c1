using System.CommandLine;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;

namespace Emulator.Host.Commands;

/// <summary>serve: runs drives until a signal stops it.</summary>
public static class ServeCommand
{
    private static readonly Option<string> ConfigFile = new("--config")
    {
        Description = "JSON file with drives and listeners (specs/configuration.md)",
        HelpName = "FILE",
    };

    private static readonly Option<System.Net.IPEndPoint[]> Listen = CreateListen();

    private static readonly Option<string> Subsystem = new("--subsystem")
    {
        Description = "NVMe Qualified Name of the subsystem",
        HelpName = "NQN",
    };

    private static readonly Option<string> Serial = new("--serial")
    {
        Description = "serial number, up to 20 characters",
        HelpName = "TEXT",
    };

    private static readonly Option<ByteSize?> Size = TextOption.Create(
        "--size", "capacity, in KiB, MiB, GiB or TiB", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<int?> BlockSize = new("--block-size")
    {
        Description = "bytes of a logical block: 512 or 4096",
        HelpName = "BYTES",
    };

    private static readonly Option<string> Medium = new("--medium")
    {
        Description = "file that keeps the drive when the process ends; made if there is none [default: memory]",
        HelpName = "FILE",
    };

    private static readonly Option<bool> FormatMedium = new("--format-medium")
    {
        Description = "make the medium anew; what is in its file is lost",
    };

    private static readonly Option<ControllerIdRange?> ControllerIds = TextOption.Create(
        "--controller-ids", "controller identifiers to give out", "FIRST-LAST",
        text => (ControllerIdRange?)ControllerIdRange.Parse(text));

    private static readonly Option<string[]> Managers = new("--manager")
    {
        Description = "host that may steer the migration of other hosts' VMs, repeatable [default: every host its own]",
        HelpName = "NQN",
    };

    private static readonly Option<bool> Standby = new("--standby")
    {
        Description = "VMs have to arrive by a migration: until then their path here is inaccessible",
    };

    private static readonly Option<bool> Preallocate = new("--preallocate")
    {
        Description = "take the memory of the drive when it starts, not when hosts write first",
    };

    private static readonly Option<DeviceProfile?> Profile = TextOption.Create(
        "--profile", $"kind of device: {string.Join(", ", DeviceProfile.Names)}, or a file (specs/profiles.md)", "NAME|FILE",
        text => (DeviceProfile?)ProfileText.Parse(text));

    private static readonly Option<DriveTiming?> Timing = TextOption.Create(
        "--timing", "none, or model for the times of the profile [default: model with a profile]", "none|model",
        text => (DriveTiming?)DriveTimingText.Parse(text));

    private static readonly Option<ListenerTransport?> Transport = TextOption.Create(
        "--transport", "tcp, or SPDK's target where SPDK is installed: spdk (NVMe/TCP), spdk-rdma [default: tcp]", "NAME",
        text => (ListenerTransport?)ListenerTransportText.Parse(text));

    private static readonly Option<string[]> VfioUser = new("--vfio-user")
    {
        Description = "directory for the socket of a PCIe device by SPDK's target, repeatable; instead of an address",
        HelpName = "DIRECTORY",
    };

    private static readonly Option<string> SpdkCores = new("--spdk-cores")
    {
        Description = "cores of SPDK, a mask or a list; the first is that of the drive [default: 0x1]",
        HelpName = "MASK",
    };

    private static readonly Option<ByteSize?> SpdkMemory = TextOption.Create(
        "--spdk-memory", "memory of SPDK [default: 512MiB]", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<bool> SpdkHugePages = new("--spdk-huge-pages")
    {
        Description = "SPDK's memory is huge pages, which have to be reserved",
    };

    private static readonly Option<System.Net.IPEndPoint?> Discovery = TextOption.Create(
        "--discovery", "also serve the discovery subsystem by itself here (its usual port is 8009)", "ADDRESS:PORT",
        text => (System.Net.IPEndPoint?)EndpointText.ParseEndpoint(text));

    private static readonly Option<Serilog.Events.LogEventLevel?> LogLevel = TextOption.Create(
        "--log-level", "verbose, debug, information, warning, error or fatal", "LEVEL",
        text => (Serilog.Events.LogEventLevel?)LogLevelText.Parse(text));

    private static readonly Option<string> LogFile = new("--log-file")
    {
        Description = "path of the log file, or 'none' [default: one below ~/.local/state/emulator]",
        HelpName = "FILE",
    };

    private static readonly Option<string> Summary = new("--summary")
    {
        Description = "write the counters of every drive to a JSON file at the end",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command("serve", "Serve drives over NVMe/TCP, or by SPDK's target, until SIGINT or SIGTERM.")
        {
            ConfigFile, Listen, Subsystem, Serial, Size, BlockSize, Medium, FormatMedium, ControllerIds, Managers, Standby, Preallocate, Profile,
            Timing, Transport, VfioUser, SpdkCores, SpdkMemory, SpdkHugePages, Discovery, LogLevel, LogFile, Summary,
        };
        command.SetAction((parsed, _) => RunAsync(OptionsOf(parsed)));
        return command;
    }

    /// <summary>What the parsed command line says.</summary>
    public static ServeOptions OptionsOf(ParseResult parsed) => new()
    {
        ConfigFile = parsed.GetValue(ConfigFile),
        Listen = parsed.GetValue(Listen) ?? [],
        Subsystem = parsed.GetValue(Subsystem),
        Serial = parsed.GetValue(Serial),
        Size = parsed.GetValue(Size),
        BlockSize = parsed.GetValue(BlockSize),
        Medium = parsed.GetValue(Medium),
        FormatMedium = parsed.GetValue(FormatMedium),
        ControllerIds = parsed.GetValue(ControllerIds),
        Managers = parsed.GetValue(Managers) ?? [],
        Standby = parsed.GetValue(Standby),
        Preallocate = parsed.GetValue(Preallocate),
        Profile = parsed.GetValue(Profile),
        Timing = parsed.GetValue(Timing),
        Transport = parsed.GetValue(Transport),
        VfioUser = parsed.GetValue(VfioUser) ?? [],
        SpdkCores = parsed.GetValue(SpdkCores),
        SpdkMemory = parsed.GetValue(SpdkMemory),
        SpdkHugePages = parsed.GetValue(SpdkHugePages),
        Discovery = parsed.GetValue(Discovery),
        LogLevel = parsed.GetValue(LogLevel),
        LogFile = parsed.GetValue(LogFile),
        Summary = parsed.GetValue(Summary),
    };

    private static Task<int> RunAsync(ServeOptions options)
    {
        EmulatorSettings file = options.ConfigFile is { } path ? SettingsFile.Read(path) : new EmulatorSettings();
        ServePlan plan = ServePlan.From(options.Over(file), Path.GetFileName(options.ConfigFile));
        return ServeProcess.RunAsync(plan);
    }

    private static Option<System.Net.IPEndPoint[]> CreateListen() => new("--listen")
    {
        Description = "address to serve at, repeatable; IPv6 as [::1]:4420 [default: 127.0.0.1:4420]",
        HelpName = "ADDRESS:PORT",
        CustomParser = result => TextOption.ParseEach(result, EndpointText.ParseEndpoint),
    };
}
