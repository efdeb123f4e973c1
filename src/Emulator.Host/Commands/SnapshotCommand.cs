using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Snapshots;
using Emulator.Tcp;
using Emulator.Wire;
using Spectre.Console;

namespace Emulator.Host.Commands;

/// <summary>snapshot: makes and restores snapshots of a running drive, over NVMe/TCP, and images of them.</summary>
public static class SnapshotCommand
{
    private static readonly Option<IPEndPoint?> Target = Everywhere(TextOption.Create(
        "--target", "the drive [default: 127.0.0.1:4420]", "ADDRESS:PORT", text => (IPEndPoint?)EndpointText.ParseEndpoint(text)));

    private static readonly Option<string> Subsystem = Everywhere(new Option<string>("--subsystem")
    {
        Description = "its subsystem",
        HelpName = "NQN",
        DefaultValueFactory = _ => DriveOptions.DefaultSubsystemNqn,
    });

    private static readonly Option<string> HostNqn = Everywhere(new Option<string>("--host-nqn")
    {
        Description = "host to connect as: a manager, where the drive lists any",
        HelpName = "NQN",
        DefaultValueFactory = _ => SnapshotTarget.DefaultHostNqn,
    });

    private static readonly Option<uint> Namespace = Everywhere(new Option<uint>("--namespace")
    {
        Description = "namespace",
        HelpName = "NSID",
        DefaultValueFactory = _ => 1,
    });

    private static readonly Option<ushort> Vm = Everywhere(new Option<ushort>("--vm")
    {
        Description = "controller identifier of the VM whose namespace it is; 0 for this host's own",
        HelpName = "ID",
        DefaultValueFactory = _ => 0,
    });

    private static readonly Argument<ushort> Id = new("id") { Description = "snapshot, as list tells them", HelpName = "ID" };
    private static readonly Argument<string> Image = new("image") { Description = "file of the image", HelpName = "FILE" };

    private static readonly Option<ushort?> Snapshot = new("--snapshot")
    {
        Description = "snapshot to export [default: a new one, which stays]",
        HelpName = "ID",
    };

    private static readonly Option<string?> Since = new("--since")
    {
        Description = "image of an earlier snapshot, which the drive still has: only what changed since is written",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Force = new("--force") { Description = "overwrite a file that exists" };

    public static Command Create()
    {
        var command = new Command("snapshot", "Snapshots of a running drive, and images of them for backup.")
        {
            Target, Subsystem, HostNqn, Namespace, Vm,
        };
        Add("create", "Make a snapshot; its identifier is printed.", [], (_, client) => Say($"{client.Execute(SnapshotAction.Create)}"));
        Add("list", "List the snapshots of the drive.", [], (_, client) => SnapshotTables.Print(AnsiConsole.Console, client.List()));
        Add("delete", "Delete a snapshot.", [Id], (parsed, client) => client.Execute(SnapshotAction.Delete, parsed.GetValue(Id)));
        Add(
            "restore", "Make the namespace what it was; nobody should be using it.", [Id],
            (parsed, client) => client.Execute(SnapshotAction.Restore, parsed.GetValue(Id)));
        Add("export", "Write a snapshot to an image.", [Image, Snapshot, Since, Force], Export);
        Add("import", "Make the namespace what an image says; nobody should be using it.", [Image], Import);
        var verify = new Command("verify", "Check an image and tell what it is; no drive is needed.") { Image };
        verify.SetAction(parsed => Guard(() => Verify(parsed.GetValue(Image)!)));
        command.Add(verify);
        return command;

        void Add(string name, string description, Symbol[] symbols, Action<ParseResult, SnapshotClient> action)
        {
            var subcommand = new Command(name, description);
            foreach (Symbol symbol in symbols)
            {
                if (symbol is Argument argument)
                    subcommand.Add(argument);
                else
                    subcommand.Add((Option)symbol);
            }

            subcommand.SetAction(parsed => Guard(() =>
            {
                using var client = new SnapshotClient(TargetOf(parsed));
                action(parsed, client);
            }));
            command.Add(subcommand);
        }
    }

    private static void Export(ParseResult parsed, SnapshotClient client)
    {
        string path = parsed.GetValue(Image)!;
        using SnapshotImage? since = parsed.GetValue(Since) is { } earlier ? new SnapshotImage(earlier) : null;
        using var image = new SnapshotImageWriter(path, parsed.GetValue(Force));
        ushort id = parsed.GetValue(Snapshot) ?? client.Execute(SnapshotAction.Create);
        var export = new SnapshotExport(client, id, since);
        export.WriteTo(image);
        string what = since == null ? "all of it" : $"what changed since snapshot {since.Header.Snapshot}";
        Say($"snapshot {id} of namespace {client.Target.Nsid}, {what}: {image.DataPages} pages of 4 KiB with data, in {path}");
    }

    private static void Import(ParseResult parsed, SnapshotClient client)
    {
        string path = parsed.GetValue(Image)!;
        using var image = new SnapshotImage(path);
        new SnapshotImport(client, image, path).Run();
        Say($"namespace {client.Target.Nsid} holds what {path} says, by checksums of all of it");
    }

    private static void Verify(string path)
    {
        using var image = new SnapshotImage(path);
        image.Verify();
        SnapshotTables.Print(AnsiConsole.Console, path, image.Header);
    }

    private static int Guard(Action action)
    {
        try
        {
            action();
            return ExitCode.Success;
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or TimeoutException or SocketException or IOException)
        {
            throw new UserErrorException($"snapshot: {e.Message}");
        }
    }

    private static SnapshotTarget TargetOf(ParseResult parsed) => new()
    {
        EndPoint = parsed.GetValue(Target) ?? new IPEndPoint(IPAddress.Loopback, ListenerSettings.DefaultPort),
        Subsystem = parsed.GetValue(Subsystem)!,
        HostNqn = parsed.GetValue(HostNqn)!,
        Nsid = parsed.GetValue(Namespace),
        Vm = parsed.GetValue(Vm),
    };

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static Option<T> Everywhere<T>(Option<T> option)
    {
        option.Recursive = true;
        return option;
    }
}
