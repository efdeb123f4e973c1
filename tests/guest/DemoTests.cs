using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>
/// tools/demo, shortened: a guest that writes moves with its memory and its storage from one host to another. The script itself holds that
/// the guest runs there, verifies what it wrote, and that both drives held the same at the switch.
/// </summary>
[Collection(GuestTestGroup.Name)]
public sealed class DemoTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    [Fact]
    public void Guest_moves_to_another_host_while_it_writes()
    {
        string logs = Path.Combine(Repository.Logs, "demo");
        using var demo = new SupervisedProcess([Path.Combine(Repository.Root, "tools", "demo"), "--short", "--out", logs]);
        int status = demo.WaitForExit(Patience);
        output.WriteLine(demo.Output);
        Assert.True(status == 0, $"tools/demo ended with {status}; its logs are in {logs}\n{demo.Output}");

        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(logs, "demo.json")))!;
        JsonNode migration = JsonNode.Parse(File.ReadAllText(Path.Combine(logs, "migrate.json")))!;
        Assert.True(result["verified"]!.GetValue<bool>());
        Assert.Equal("done", migration["phase"]!.GetValue<string>());
        Assert.True(migration["bytesMoved"]!.GetValue<long>() > 0);
        Assert.True(migration["ramBytes"]!.GetValue<long>() > 0);
    }
}
