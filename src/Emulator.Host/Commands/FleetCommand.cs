using System.CommandLine;
using Emulator.Host.Configuration;
using Emulator.Host.Fleets;
using Emulator.Host.Planning;

namespace Emulator.Host.Commands;

/// <summary>fleet: plans and runs many migrations between pools of SSD and HDD in virtual time.</summary>
public static class FleetCommand
{
    private static readonly Argument<string?> File = new("file")
    {
        Description = "JSON file that describes pools, links and VMs (specs/planning.md); without it a fleet at random",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int?> Vms = Number<int?>("--vms", "VMs of a fleet at random [default: 1000]");

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "seed of everything random",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Same = new("--same")
    {
        Description = "of a fleet at random: VMs that stay on SSD or on HDD, in percent; the others change",
        HelpName = "PERCENT",
        DefaultValueFactory = _ => 50,
    };

    private static readonly Option<string> Ssd = Medium("--ssd", "array-ssd");

    private static readonly Option<string> Hdd = Medium("--hdd", "array-hdd");

    private static readonly Option<double?> Gamma = Number<double?>("--gamma", "weight of the life of the SSDs, 0 to 1 [default: 0.5, or the file's]");

    private static readonly Option<string?> Order = new("--order")
    {
        Description = "who goes first: longest, gain, cheapest or given [default: longest, or the file's]",
        HelpName = "ORDER",
    };

    private static readonly Option<string?> Schemes = new("--schemes")
    {
        Description = $"choose among these, with commas between: {PlanChoice.KnownSchemes} [default: all, or the file's]",
        HelpName = "NAMES",
    };

    private static readonly Option<int?> Migrations = Number<int?>("--migrations", "at a time, everywhere");

    private static readonly Option<int?> DeviceMigrations = Number<int?>("--device-migrations", "at a time, of every device");

    private static readonly Option<ByteSize?> DeviceBandwidth = TextOption.Create(
        "--device-bandwidth", "bytes a second that migrations may copy from and to a device", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<int> Simulate = new("--simulate")
    {
        Description = "migrations that are simulated with the schemes themselves, to check the model",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<bool> PlanOnly = new("--plan-only") { Description = "plan, and run nothing" };

    private static readonly Option<string?> JsonFile = new("--json") { Description = "write the report to a file", HelpName = "FILE" };

    private static readonly Option<bool> Force = new("--force") { Description = "overwrite the file if it exists" };

    public static Command Create()
    {
        var command = new Command("fleet", "Plan many migrations between pools of SSD and HDD, and run them in virtual time.")
        {
            File, Vms, Seed, Same, Ssd, Hdd, Gamma, Order, Schemes, Migrations, DeviceMigrations, DeviceBandwidth, Simulate, PlanOnly,
            JsonFile, Force,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed) => new FleetProcess(new FleetOptions
    {
        File = parsed.GetValue(File),
        Vms = parsed.GetValue(Vms),
        Seed = parsed.GetValue(Seed),
        SamePercent = parsed.GetValue(Same),
        Ssd = parsed.GetValue(Ssd)!,
        Hdd = parsed.GetValue(Hdd)!,
        Gamma = parsed.GetValue(Gamma),
        Order = parsed.GetValue(Order),
        Schemes = parsed.GetValue(Schemes),
        Migrations = parsed.GetValue(Migrations),
        DeviceMigrations = parsed.GetValue(DeviceMigrations),
        DeviceBandwidth = parsed.GetValue(DeviceBandwidth),
        Simulated = parsed.GetValue(Simulate),
        PlansOnly = parsed.GetValue(PlanOnly),
        JsonFile = parsed.GetValue(JsonFile),
        Force = parsed.GetValue(Force),
    }).Run();

    private static Option<string> Medium(string name, string otherwise) => new(name)
    {
        Description = $"what a fleet at random has: {string.Join(", ", PlannedMedium.Names)}",
        HelpName = "NAME",
        DefaultValueFactory = _ => otherwise,
    };

    private static Option<T> Number<T>(string name, string description) => new(name) { Description = description, HelpName = "NUMBER" };
}
