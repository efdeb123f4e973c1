using System.Text.Json;
using System.Text.Json.Nodes;
using Emulator.Host.Migrate;

namespace Emulator.UnitTests.Host.Migrate;

public class QmpClientTests
{
    private const string Done = """{"return": {}}""" + "\r\n";

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void A_command_goes_out_behind_the_negotiation_and_returns_what_QEMU_returns()
    {
        using var qemu = new FakeQmp(FakeQmp.Greeting, line => line.Contains("query-status") ? "{\"return\": {\"status\": \"running\"}}\r\n" : Done);
        using QmpClient client = QmpClient.Connect(qemu.Address);

        JsonElement status = client.Execute("query-status", new JsonObject { ["a"] = 1 });

        Assert.Equal("running", status.GetProperty("status").GetString());
        Assert.Equal("7.2.22", client.Version);
        Assert.Equal(["""{"execute":"qmp_capabilities"}""", """{"execute":"query-status","arguments":{"a":1}}"""], qemu.Received);
    }

    [Fact]
    public void Events_before_an_answer_are_kept_and_lines_come_in_pieces()
    {
        using var qemu = new FakeQmp(FakeQmp.Greeting, line => line.Contains("stop")
            ? "{\"event\": \"STOP\", \"timestamp\": {}}\r\n{\"event\": \"MIGRATION\", \"data\": {}}\n" + Done
            : Done);
        using QmpClient client = QmpClient.Connect(qemu.Address);

        client.Execute("stop");

        Assert.Equal(["STOP", "MIGRATION"], client.TakeEvents());
        Assert.Empty(client.TakeEvents());
    }

    [Fact]
    public void A_refusal_is_told_with_QEMUs_words_in_one_line()
    {
        using var qemu = new FakeQmp(FakeQmp.Greeting, line => line.Contains("cont")
            ? "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\\nway\"}}\r\n"
            : Done);
        using QmpClient client = QmpClient.Connect(qemu.Address);

        QmpException e = Assert.Throws<QmpException>(() => client.Execute("cont"));

        Assert.Equal($"QEMU at {qemu.Address} refuses cont: no way", e.Message);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2")]
    [InlineData("""{"hello": 1}""")]
    [InlineData("""{"QMP": 7}""")]
    [InlineData("[]")]
    public void What_greets_otherwise_is_no_QMP(string greeting)
    {
        using var other = new FakeQmp(greeting, _ => null);

        QmpException e = Assert.Throws<QmpException>(() => QmpClient.Connect(other.Address));

        Assert.Equal($"what is at {other.Address} does not speak QMP", e.Message);
    }

    [Fact]
    public void A_line_without_end_is_no_QMP()
    {
        using var other = new FakeQmp(new string('x', 3 << 20), _ => null);
        Assert.EndsWith("does not speak QMP", Assert.Throws<QmpException>(() => QmpClient.Connect(other.Address)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_says_nothing_is_not_waited_for_for_ever()
    {
        using var other = new FakeQmp(null, _ => null);

        QmpException e = Assert.Throws<QmpException>(() => QmpClient.Connect(other.Address, Short));

        Assert.StartsWith($"QMP at {other.Address} says nothing for 0.3 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_QEMU_that_ends_is_told_of()
    {
        using var qemu = new FakeQmp(FakeQmp.Greeting, line => line.Contains("qmp_capabilities") ? Done : null);
        using QmpClient client = QmpClient.Connect(qemu.Address);

        QmpException e = Assert.Throws<QmpException>(() => client.Execute("query-status"));

        Assert.StartsWith($"QMP at {qemu.Address} ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/socket")]
    [InlineData("127.0.0.1:notaport")]
    [InlineData("127.0.0.1:99999")]
    public void An_address_where_nobody_is_is_told_of(string address) =>
        Assert.Contains(address, Assert.Throws<QmpException>(() => QmpClient.Connect(address, Short)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_progress_of_the_memory_is_read_from_query_migrate()
    {
        using JsonDocument answer = JsonDocument.Parse(
            """
            {"status": "active", "expected-downtime": 120, "ram": {"total": 1000, "remaining": 300, "transferred": 700, "mbps": 8.0,
             "dirty-sync-count": 2, "dirty-pages-rate": 5}}
            """);

        RamProgress ram = RamProgress.Read(answer.RootElement);

        Assert.Equal(("active", 300L, 700L, 1e6, 2L), (ram.Status, ram.Remaining, ram.Transferred, ram.BytesPerSecond, ram.Passes));
        Assert.Equal(120, ram.ExpectedDowntimeMs);
        Assert.Null(ram.DowntimeMs);
        Assert.False(ram.IsOver);
    }

    [Fact]
    public void Before_a_migration_there_is_none()
    {
        using JsonDocument answer = JsonDocument.Parse("{}");
        Assert.Equal("none", RamProgress.Read(answer.RootElement).Status);
    }
}
