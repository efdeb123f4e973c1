using System.CommandLine;
using Emulator.Host.Assist;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Simulation;
using Emulator.Simulation.Workloads;

namespace Emulator.Host.Commands;

/// <summary>assist: what the drives save a migration, in virtual time.</summary>
public static class AssistCommand
{
    private static readonly Option<string> Profile = new("--profile")
    {
        Description = "the drives: " + string.Join(", ", DriveProfiles.Names.Where(name => name != DriveProfiles.Default)),
        HelpName = "NAME",
        DefaultValueFactory = _ => "tlc-datacentre",
    };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "the drive at the destination, if it is of another kind",
        HelpName = "NAME",
    };

    private static readonly Option<ByteSize?> Size = TextOption.Create(
        "--size", "capacity of each drive [default: 2GiB]", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<int> Used = Number("--used", "share of it that the VM uses, in percent", 40);

    private static readonly Option<string> Workload = new("--workload")
    {
        Description = "what the VM does: " + string.Join(", ", BuiltInWorkloads.All.Select(entry => entry.Workload.Name)),
        HelpName = "NAME",
        DefaultValueFactory = _ => "oltp",
    };

    private static readonly Option<int> Rate = Number("--rate", "requests of the VM a second; 0 for a closed loop", 20_000);

    private static readonly Option<int> Link = Number("--link", "what the link between the hosts carries, in Mbit/s", 10_000);

    private static readonly Option<int> Depth = Number("--copy-depth", "commands of 128 KiB that the hypervisor has outstanding", 8);

    private static readonly Option<ByteSize?> Goal = TextOption.Create(
        "--converged", "the VM is paused once a round leaves no more than this [default: 2MiB]", "SIZE",
        text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "seed of everything random",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> JsonFile = new("--json")
    {
        Description = "write the table to a file",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "overwrite the file if it exists",
    };

    public static Command Create()
    {
        var command = new Command("assist", "Move a VM between two drives in virtual time, with more and more of their help.")
        {
            Profile, To, Size, Used, Workload, Rate, Link, Depth, Goal, Seed, JsonFile, Force,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var options = new AssistOptions
        {
            Profile = parsed.GetValue(Profile)!,
            To = parsed.GetValue(To),
            Size = parsed.GetValue(Size) ?? new ByteSize(2L << 30),
            UsedPercent = parsed.GetValue(Used),
            Workload = parsed.GetValue(Workload)!,
            Rate = parsed.GetValue(Rate),
            LinkMegabits = parsed.GetValue(Link),
            CopyDepth = parsed.GetValue(Depth),
            Converged = parsed.GetValue(Goal) ?? new ByteSize(2 << 20),
            Seed = parsed.GetValue(Seed),
            JsonFile = parsed.GetValue(JsonFile),
            Force = parsed.GetValue(Force),
        };
        try
        {
            return new AssistProcess(options).Run();
        }
        catch (WorkloadException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    private static Option<int> Number(string name, string description, int otherwise) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        DefaultValueFactory = _ => otherwise,
    };
}
