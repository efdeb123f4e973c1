using System.Net.Sockets;
using System.Text.Json;

namespace Emulator.GuestTests.Harness;

/// <summary>A QEMU without a guest system: its firmware finds nothing to boot and goes on looking. Enough for a monitor and memory that moves.</summary>
internal sealed class IdleVm : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    private readonly SupervisedProcess _process;

    public IdleVm(string monitor, params string[] options)
    {
        Monitor = monitor;
        _process = new SupervisedProcess(
        [
            "qemu-system-x86_64", "-machine", "q35", "-m", "64", "-accel", "tcg", "-display", "none", "-nodefaults",
            "-qmp", $"unix:{monitor},server=on,wait=off", .. options,
        ]);
        DateTime deadline = DateTime.UtcNow + StartPatience;
        while (!File.Exists(monitor))
        {
            if (_process.HasExited || DateTime.UtcNow > deadline)
                throw new InvalidOperationException($"QEMU does not start:\n{_process.Output}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Path of its socket.</summary>
    public string Monitor { get; }

    /// <summary>running, paused, inmigrate, postmigrate and so on.</summary>
    public string State => Execute("query-status").GetProperty("status").GetString()!;

    public void Dispose() => _process.Dispose();

    private JsonElement Execute(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Monitor));
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        using var writer = new StreamWriter(stream) { AutoFlush = true };
        writer.Write("""{"execute": "qmp_capabilities"}""" + $$"""{"execute": "{{command}}"}""");
        JsonElement last = default;
        for (int answers = 0; answers < 2;)
        {
            last = JsonDocument.Parse(reader.ReadLine() ?? throw new InvalidOperationException($"QEMU is gone:\n{_process.Output}")).RootElement;
            if (last.TryGetProperty("return", out JsonElement result))
                (answers, last) = (answers + 1, result);
        }

        return last;
    }
}
