using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>
/// A VM between two QEMUs, as their monitors tell of it. States, answers and events, also of what goes wrong, were taken down from
/// QEMU 7.2: which are running, paused, finish-migrate, postmigrate and inmigrate; setup, active, pre-switchover, completed, failed, cancelled.
/// </summary>
internal sealed class ScriptedVm : IDisposable
{
    private const string Done = """{"return": {}}""";
    private const long TotalBytes = 64 << 20;

    private readonly object _lock = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");
    private readonly List<string> _events = [];
    private ScriptedQemu _source;
    private bool _isStoppedByName;
    private bool _isListening;
    private bool _pauses;
    private string _migration = "none";
    private string? _problem;
    private double _left;
    private int _passes;
    private long _looked;

    public ScriptedVm()
    {
        _source = new ScriptedQemu(Path.Combine(_directory.FullName, "a.qmp"), AnswerOfSource);
        Destination = new ScriptedQemu(Path.Combine(_directory.FullName, "b.qmp"), AnswerOfDestination);
    }

    public ScriptedQemu Source => _source;

    public ScriptedQemu Destination { get; }

    public string StateAtSource { get; set; } = "running";

    public string StateAtDestination { get; set; } = "inmigrate";

    public string MachineAtDestination { get; set; } = "pc-q35-7.2-machine";

    public long RamAtDestination { get; set; } = TotalBytes;

    /// <summary>Bytes of memory that move a second.</summary>
    public double LinkBytesPerSecond { get; set; } = 400e6;

    /// <summary>That the VM writes. With less than a tenth of the link QEMU pauses the VM by itself at some time.</summary>
    public double DirtyBytesPerSecond { get; set; } = 100e6;

    /// <summary>"source stop" and the like: what a QEMU answers to this with, instead of doing it.</summary>
    public Dictionary<string, string> Refusals { get; } = [];

    /// <summary>Commands at which a QEMU ends.</summary>
    public HashSet<string> Deaths { get; } = [];

    /// <summary>What else happens when a command comes, before it is carried out.</summary>
    public Action<string> AtCommand { get; set; } = _ => { };

    /// <summary>Commands that change something, in order.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>The memory does not arrive.</summary>
    public void Break(string problem)
    {
        lock (_lock)
            (_migration, _problem) = ("failed", problem);
    }

    /// <summary>QEMU at the source is started anew, with the VM.</summary>
    public void RestartSource()
    {
        _source.Dispose();
        (StateAtSource, _migration) = ("running", "none");
        _source = new ScriptedQemu(Path.Combine(_directory.FullName, "a.qmp"), AnswerOfSource);
    }

    public void Dispose()
    {
        _source.Dispose();
        Destination.Dispose();
        _directory.Delete(recursive: true);
    }

    private IReadOnlyList<string>? AnswerOfSource(string command, JsonElement arguments) => Answer("source " + command, () => command switch
    {
        "query-status" => Status(StateAtSource),
        "query-migrate" => Progress(),
        "qom-get" => Returned("pc-q35-7.2-machine"),
        "query-memory-size-summary" => Memory(TotalBytes),
        "migrate-set-capabilities" => SetCapability(arguments),
        "migrate-set-parameters" => Done,
        "migrate" => Migrate(),
        "migrate-continue" => Continue(),
        "migrate_cancel" => Cancel(),
        "stop" => Stop(),
        "cont" => ContinueVm(),
        _ => Error($"The command {command} has not been found"),
    });

    private IReadOnlyList<string>? AnswerOfDestination(string command, JsonElement arguments) => Answer("destination " + command, () => command switch
    {
        "query-status" => Status(StateAtDestination),
        "qom-get" => Returned(MachineAtDestination),
        "query-memory-size-summary" => Memory(RamAtDestination),
        "migrate-incoming" => Listen(),
        "cont" => Resume(),
        _ => Error($"The command {command} has not been found"),
    });

    private IReadOnlyList<string>? Answer(string command, Func<string> carryOut)
    {
        bool isChange = !command.Contains("query", StringComparison.Ordinal) && !command.Contains("qom", StringComparison.Ordinal);
        if (isChange)
            AtCommand(command);
        lock (_lock)
        {
            Advance();
            if (Deaths.Contains(command))
                return null;
            if (isChange)
                Commands.Add(command);
            string answer = Refusals.TryGetValue(command, out string? refusal) ? Error(refusal) : carryOut();
            string[] lines = [.. _events, answer];
            _events.Clear();
            return lines;
        }
    }

    /// <summary>Moves memory as long as nobody looked.</summary>
    private void Advance()
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_looked, now).TotalSeconds;
        _looked = now;
        if (_migration == "setup")
            _migration = "active";
        else if (_migration == "active")
            Move(seconds);
    }

    private void Move(double seconds)
    {
        _left -= seconds * LinkBytesPerSecond;
        if (_left > 0)
            return;
        _passes++;
        bool isRunning = StateAtSource == "running";
        double pass = _passes == 1 ? TotalBytes / LinkBytesPerSecond : Math.Max(seconds, 0.01);
        _left = isRunning ? Math.Min(TotalBytes, pass * DirtyBytesPerSecond) : 0;
        if (_left / LinkBytesPerSecond > 0.001)
            return;

        // As little as that is moved with the VM paused, by name or by QEMU itself.
        Tell("STOP", when: isRunning);
        (_left, StateAtSource) = (0, "finish-migrate");
        _migration = _pauses ? "pre-switchover" : "completed";
    }

    private string SetCapability(JsonElement arguments)
    {
        JsonElement capability = arguments.GetProperty("capabilities")[0];
        _pauses |= capability.GetProperty("capability").GetString() == "pause-before-switchover" && capability.GetProperty("state").GetBoolean();
        return Done;
    }

    private string Listen()
    {
        if (_isListening)
            return Error("The incoming migration has already been started");
        _isListening = true;
        _events.Add("""{"timestamp": {"seconds": 1, "microseconds": 1}, "event": "MIGRATION", "data": {"status": "setup"}}""");
        return Done;
    }

    private string Migrate()
    {
        if (_migration is "setup" or "active" or "pre-switchover")
            return Error("There's a migration process in progress");
        (_migration, _left, _passes, _problem) = ("setup", TotalBytes, 0, null);
        return Done;
    }

    private string Stop()
    {
        Tell("STOP", when: StateAtSource == "running");
        if (StateAtSource == "running")
            (StateAtSource, _isStoppedByName) = ("paused", true);
        return Done;
    }

    private string ContinueVm()
    {
        Tell("RESUME", when: StateAtSource != "running");
        (StateAtSource, _isStoppedByName) = ("running", false);
        return Done;
    }

    private string Continue()
    {
        if (_migration != "pre-switchover")
            return Error($"Migration not in expected state: {_migration}");
        if (Destination is { } there && !File.Exists(there.Address))
        {
            FallBack("failed");
            return Done;
        }

        (_migration, StateAtSource) = ("completed", "postmigrate");
        StateAtDestination = _isStoppedByName ? "paused" : "running";
        return Done;
    }

    private string Cancel()
    {
        if (_migration is "setup" or "active" or "pre-switchover")
            FallBack("cancelled");
        return Done;
    }

    /// <summary>A VM that QEMU itself had paused runs again; one that was paused by name does not.</summary>
    private void FallBack(string status)
    {
        _migration = status;
        if (StateAtSource != "finish-migrate")
            return;
        StateAtSource = _isStoppedByName ? "paused" : "running";
        Tell("RESUME", when: !_isStoppedByName);
    }

    private string Resume()
    {
        Tell("RESUME", when: StateAtDestination == "paused");
        StateAtDestination = StateAtDestination == "paused" ? "running" : StateAtDestination;
        return Done;
    }

    private string Progress()
    {
        if (_migration == "none")
            return Done;
        var answer = new JsonObject { ["status"] = _migration };
        if (_migration == "failed" && _problem != null)
            answer["error-desc"] = _problem;
        if (_migration == "completed")
            answer["downtime"] = 26;
        if (_migration is not ("setup" or "cancelled" or "failed"))
        {
            answer["expected-downtime"] = 1;
            answer["ram"] = new JsonObject
            {
                ["total"] = TotalBytes,
                ["dirty-sync-count"] = _passes + 1,
                ["remaining"] = (long)Math.Max(0, _left),
                ["mbps"] = LinkBytesPerSecond * 8 / 1e6,
                ["transferred"] = 636_023,
            };
        }

        return Returned(answer);
    }

    private void Tell(string name, bool when)
    {
        if (when)
            _events.Add($$"""{"timestamp": {"seconds": 1, "microseconds": 1}, "event": "{{name}}"}""");
    }

    private static string Status(string status) =>
        Returned(new JsonObject { ["status"] = status, ["singlestep"] = false, ["running"] = status == "running" });

    private static string Memory(long bytes) => Returned(new JsonObject { ["base-memory"] = bytes, ["plugged-memory"] = 0 });

    private static string Returned(JsonNode value) => new JsonObject { ["return"] = value }.ToJsonString();

    private static string Error(string description) =>
        new JsonObject { ["error"] = new JsonObject { ["class"] = "GenericError", ["desc"] = description } }.ToJsonString();
}
