using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Emulator.GuestTests.Harness;

/// <summary>
/// A Linux guest in QEMU, without KVM, that executes shell commands. Under its user-mode networking the host's
/// 127.0.0.1 is the guest's 10.0.2.2. It starts with a file system from the read-only image and keeps its changes in
/// memory.
/// </summary>
internal sealed class Guest : IDisposable
{
    private static readonly TimeSpan BootPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-guest-").FullName;
    private readonly SupervisedProcess _qemu;
    private readonly GuestAgent _agent;

    /// <summary>Builds the guest where there is none yet, boots it and waits until it takes commands.</summary>
    public Guest(string name = "guest", int processors = 2)
    {
        ConsoleLog = Path.Combine(Repository.Logs, $"{name}-console.log");
        string agentSocket = Path.Combine(_folder, "agent");
        string[] command =
        [
            .. QemuArguments(),
            "-m", "512", "-smp", processors.ToString(CultureInfo.InvariantCulture),
            "-append", "console=ttyS0 quiet panic=-1",
            "-serial", $"file:{ConsoleLog}",
            "-netdev", "user,id=net0", "-device", "virtio-net-pci,netdev=net0,romfile=",
            "-device", "virtio-serial-pci",
            "-chardev", $"socket,id=agent,path={agentSocket},server=on,wait=off",
            "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
        ];
        _qemu = new SupervisedProcess(command);
        try
        {
            _agent = GuestAgent.Connect(agentSocket, BootPatience, ThrowIfDead);
        }
        catch (Exception failure)
        {
            _qemu.Dispose();
            throw new InvalidOperationException($"The guest did not boot: {failure.Message}\n{Console()}", failure);
        }
    }

    /// <summary>What the guest's kernel and first process wrote to the serial port.</summary>
    public string ConsoleLog { get; }

    /// <summary>Executes a command line with the guest's shell, as root, and returns how it ended.</summary>
    public GuestResult Run(string command, TimeSpan? patience = null, byte[]? input = null)
    {
        TimeSpan limit = patience ?? DefaultPatience;
        var arguments = new JsonObject
        {
            ["path"] = "/usr/bin/timeout",
            ["arg"] = new JsonArray("-k", "5", $"{limit.TotalSeconds:F0}", "/bin/bash", "-c", command),
            ["capture-output"] = true,
        };
        if (input is not null) arguments["input-data"] = Convert.ToBase64String(input);
        int pid = _agent.Execute("guest-exec", arguments)!["pid"]!.GetValue<int>();
        JsonNode status = WaitForExit(pid, limit + TimeSpan.FromSeconds(30), command);
        return new GuestResult(
            command,
            status["exitcode"]?.GetValue<int>() ?? -1,
            Bytes(status["out-data"]),
            Encoding.UTF8.GetString(Bytes(status["err-data"])));
    }

    /// <summary>Executes a command line that has to succeed, and returns what it wrote to standard output.</summary>
    public string Check(string command, TimeSpan? patience = null) => Run(command, patience).Succeeded().Output;

    /// <summary>As <see cref="Check"/>, for a command that writes binary data. 16 MiB at most.</summary>
    public byte[] CheckBytes(string command, TimeSpan? patience = null) =>
        Run(command, patience).Succeeded().OutputBytes;

    public byte[] Download(string path) => CheckBytes($"cat '{path}'");

    public void Upload(byte[] content, string path) => Run($"cat > '{path}'", input: content).Succeeded();

    /// <summary>Repeats a command until it succeeds, every tenth of a second.</summary>
    public void WaitFor(string command, TimeSpan patience)
    {
        GuestResult result = Run($"until {command}; do sleep 0.1; done", patience);
        Assert.True(result.ExitCode == 0, $"Waited {patience.TotalSeconds} s in vain. {result}\n{KernelLog()}");
    }

    public string KernelLog() => Check("dmesg | tail -n 40");

    public void Dispose()
    {
        _agent.Dispose();
        _qemu.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] QemuArguments()
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "tools", "guest"), "qemu-arguments")
        {
            RedirectStandardOutput = true,
        };
        using Process tool = Process.Start(start)!;
        string[] arguments = tool.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!tool.WaitForExit(BuildPatience) || tool.ExitCode != 0)
            throw new InvalidOperationException("tools/guest could not build the guest; see its log.");
        return arguments;
    }

    private static byte[] Bytes(JsonNode? data) => Convert.FromBase64String(data?.GetValue<string>() ?? "");

    private JsonNode WaitForExit(int pid, TimeSpan patience, string command)
    {
        DateTime deadline = DateTime.UtcNow + patience;
        for (int pause = 5; DateTime.UtcNow < deadline; pause = Math.Min(pause * 2, 80))
        {
            Thread.Sleep(pause);
            JsonNode status = _agent.Execute("guest-exec-status", new JsonObject { ["pid"] = pid })!;
            if (status["exited"]!.GetValue<bool>()) return status;
            ThrowIfDead();
        }

        throw new TimeoutException($"`{command}` did not end within {patience.TotalSeconds} s.\n{Console()}");
    }

    private void ThrowIfDead()
    {
        if (_qemu.HasExited) throw new InvalidOperationException($"QEMU ended: {_qemu.Output}\n{Console()}");
    }

    private string Console() => File.Exists(ConsoleLog) ? File.ReadAllText(ConsoleLog) : "";
}
