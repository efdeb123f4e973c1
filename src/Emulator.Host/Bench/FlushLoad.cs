using System.Diagnostics;
using Emulator.Core;
using Emulator.Tcp;

namespace Emulator.Host.Bench;

/// <summary>A second host that writes some pages, flushes, and begins again, on a thread and a connection of its own.</summary>
internal sealed class FlushLoad : IDisposable
{
    public const int WritesBetween = 32;
    public const int Bytes = 4096;

    private readonly HostController _controller;
    private readonly uint _nsid;
    private readonly int _blocks;
    private readonly ulong _positions;
    private readonly SeededRandom _random;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failure;

    /// <param name="host">How to connect, with room for commands of <see cref="Bytes"/>.</param>
    public FlushLoad(HostOptions host, uint nsid, int blockBytes, ulong blockCount, ulong seed)
    {
        _nsid = nsid;
        _blocks = Bytes / blockBytes;
        _positions = blockCount / (ulong)_blocks;
        _random = new SeededRandom(seed);
        _controller = HostController.Connect(host);
        _controller.Enable();
        _controller.RequestQueues(1);
        HostQueue queue = _controller.ConnectIoQueue(null);
        _thread = new Thread(() => Run(queue)) { IsBackground = true, Name = "flushes" };
        _thread.Start();
    }

    /// <summary>Of the flushes alone; to be read when <see cref="Stop"/> has returned.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <exception cref="HostConnectionException">A command failed.</exception>
    public void Stop()
    {
        _stopping = true;
        _thread.Join();
        if (_failure != null)
            throw new HostConnectionException($"the host that flushes failed: {_failure.Message}", _failure);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _controller.Dispose();
    }

    private void Run(HostQueue queue)
    {
        byte[] page = new byte[Bytes];
        _random.Fill(page);
        try
        {
            while (!_stopping)
            {
                for (int i = 0; i < WritesBetween; i++)
                    Succeed(queue.Execute(HostCommands.Write(_nsid, _random.Below(_positions) * (ulong)_blocks, _blocks), page));
                long started = Stopwatch.GetTimestamp();
                Succeed(queue.Execute(HostCommands.Flush(_nsid)));
                Latencies.Record(new SimDuration((long)Stopwatch.GetElapsedTime(started).TotalNanoseconds));
            }
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or TimeoutException)
        {
            _failure = e;
        }
    }

    private static void Succeed(HostCompletion completion)
    {
        if (!completion.IsSuccess)
            throw new HostCommandException("write or flush", completion);
    }
}
