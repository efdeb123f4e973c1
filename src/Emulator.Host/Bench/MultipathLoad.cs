using System.Diagnostics;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>
/// A host with a path to each of two drives that writes 4 KiB at random, one command after the other, and follows its storage by
/// asymmetric access as Linux does (Base 2.1, 8.1.1). It knows when each write completed. A thread of its own.
/// </summary>
internal sealed class MultipathLoad : IDisposable
{
    private const uint Nsid = 1;
    private const int BlockBytes = 4096;
    private const int LogBytes = AnaLogHeader.Size + AnaGroupDescriptor.Size;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly HostController[] _paths;
    private readonly int[] _requests;
    private readonly SeededRandom _random;
    private readonly ulong _blocks;
    private readonly byte[] _data = new byte[BlockBytes];
    private readonly int _thinkMicroseconds;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile Exception? _failure;
    private int _current = -1;
    private long _writes;
    private long _longestGap;

    /// <param name="paths">Enabled controllers with an I/O queue each; they become the load's.</param>
    /// <param name="blocks">Blocks of the namespace, of 4096 bytes.</param>
    /// <param name="seed">Of the addresses.</param>
    /// <param name="thinkMicroseconds">Between the end of a write and the next one.</param>
    public MultipathLoad(HostController[] paths, ulong blocks, ulong seed, int thinkMicroseconds)
    {
        _paths = paths;
        _blocks = blocks;
        _random = new SeededRandom(seed);
        _random.Fill(_data);
        _thinkMicroseconds = thinkMicroseconds;
        _requests = new int[paths.Length];
        for (int i = 0; i < paths.Length; i++)
        {
            paths[i].Succeed(
                "Set Features 0Bh",
                HostCommands.SetFeatures(FeatureId.AsynchronousEventConfiguration, (uint)AsyncEventNotices.AsymmetricNamespaceAccessChange));
            _requests[i] = paths[i].Admin.Begin(HostCommands.AsynchronousEventRequest());
        }

        Look();
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Writes that completed.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>The drive with which it shares a core does not keep it waiting.</summary>
    public bool GoesFirst { get; private set; }

    /// <summary>Ticks of the longest time between two completed writes since this was asked last.</summary>
    public long TakeLongestGap() => Interlocked.Exchange(ref _longestGap, 0);

    /// <exception cref="HostConnectionException">It has failed.</exception>
    public void Check()
    {
        if (_failure is { } failure)
            throw new HostConnectionException($"the host that writes: {failure.Message}", failure);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        foreach (HostController path in _paths)
            path.Dispose();
    }

    private void Run()
    {
        try
        {
            GoesFirst = ThreadTiming.TryGoFirst();
            long last = Stopwatch.GetTimestamp();
            while (!_stopping)
            {
                Write();
                long now = Stopwatch.GetTimestamp();
                if (now - last > Volatile.Read(ref _longestGap))
                    Volatile.Write(ref _longestGap, now - last);
                last = now;
                Volatile.Write(ref _writes, _writes + 1);
                if (_thinkMicroseconds > 0)
                    ThreadTiming.Sleep(_thinkMicroseconds);
            }
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or TimeoutException)
        {
            _failure = e;
        }
    }

    /// <summary>Writes one block by whichever path takes it, and waits for one if there is none.</summary>
    private void Write()
    {
        SubmissionEntry write = HostCommands.Write(Nsid, _random.Below(_blocks), 1);
        while (!_stopping)
        {
            TakeEvents();
            if (_current < 0)
            {
                // Nothing may be burnt while both drives have work to do on the same cores.
                foreach (HostController path in _paths)
                    path.Admin.WaitForNews(Moment);
                continue;
            }

            HostCompletion completion = _paths[_current].IoQueues[0].Execute(write, _data);
            if (completion.IsSuccess)
                return;
            if (!completion.Status.Matches(Status.AsymmetricAccessInaccessible))
                throw new HostCommandException("Write", completion);
            Look();
        }
    }

    /// <summary>An event says that the access by a path has changed.</summary>
    private void TakeEvents()
    {
        bool isNews = false;
        for (int i = 0; i < _paths.Length; i++)
        {
            _paths[i].Admin.Poll();
            if (!_paths[i].Admin.IsDone(_requests[i]))
                continue;
            _paths[i].Admin.Wait(_requests[i]);
            isNews = true;
            _requests[i] = _paths[i].Admin.Begin(HostCommands.AsynchronousEventRequest());
        }

        if (isNews)
            Look();
    }

    private void Look()
    {
        byte[] log = new byte[LogBytes];
        _current = -1;
        for (int i = 0; i < _paths.Length; i++)
        {
            _paths[i].Succeed("Get Log Page 0Ch", HostCommands.GetLogPage(LogPageId.AsymmetricNamespaceAccess, LogBytes), log);
            if (WireStruct.Read<AnaGroupDescriptor>(log.AsSpan(AnaLogHeader.Size)).Anasa == AnaState.Optimized)
                _current = i;
        }
    }
}
