using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Emulator.GuestTests.Harness;

/// <summary>The drive as its user starts it: the built program, serving on a port of its own.</summary>
internal sealed class DriveProcess : IDisposable
{
    public const string Nqn = "nqn.2026-11.io.emulator:drive0";
    public const string Serial = "EMU0000001";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly string[] _options;
    private SupervisedProcess _process;

    /// <summary>Starts a drive with these options of `emulator serve` and waits until it listens.</summary>
    public DriveProcess(params string[] options)
    {
        _options = options;
        Port = FreePort();
        _process = Start();
    }

    public int Port { get; }

    /// <summary>What the drive has logged since its last start.</summary>
    public string Log => _process.Output;

    /// <summary>Ends the drive as an operator does, and holds that it says goodbye properly.</summary>
    public void Stop()
    {
        int status = _process.Stop("TERM", StopPatience);
        Assert.True(status == 0, $"The drive exited with {status}.\n{Log}");
    }

    /// <summary>Stops the drive and starts it anew, with the same options on the same port.</summary>
    public void Restart()
    {
        Stop();
        _process.Dispose();
        _process = Start();
    }

    public void Dispose() => _process.Dispose();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private SupervisedProcess Start()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "emulator.dll");
        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");
        var process = new SupervisedProcess(
            ["dotnet", program, "serve", "--listen", address, "--log-file", "none", .. _options]);
        DateTime deadline = DateTime.UtcNow + StartPatience;
        while (!Listens())
        {
            if (process.HasExited || DateTime.UtcNow > deadline)
            {
                process.Dispose();
                throw new InvalidOperationException($"The drive does not listen on port {Port}:\n{process.Output}");
            }

            Thread.Sleep(20);
        }

        return process;
    }

    private bool Listens()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
