using System.Buffers.Binary;
using System.Diagnostics;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>A VM that writes random blocks over both paths on a thread of its own, and knows what each block holds.</summary>
internal sealed class MultipathWriter : IDisposable
{
    private const int BlockBytes = 4096;

    /// <summary>It lags behind its schedule by so much at most, and leaves out what else was due: a VM that was held does not write in one burst what it could not.</summary>
    private static readonly TimeSpan MostLag = TimeSpan.FromMilliseconds(5);

    private readonly MultipathHost _host;
    private readonly SeededRandom _random;
    private readonly int _writesPerSecond;
    private readonly ulong[] _last;
    private readonly byte[] _data = new byte[BlockBytes];
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failure;
    private long _writes;

    /// <param name="blocks">It writes to the first so many.</param>
    /// <param name="writesPerSecond">0 for as many as it can.</param>
    public MultipathWriter(MultipathHost host, ulong seed, int blocks = MovePair.Blocks, int writesPerSecond = 0)
    {
        _host = host;
        _writesPerSecond = writesPerSecond;
        _last = new ulong[blocks];
        _random = new SeededRandom(seed);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public long Writes => Volatile.Read(ref _writes);

    /// <summary>Ends it, and looks that every block that it wrote holds what was written last.</summary>
    public void StopAndVerify()
    {
        Stop();
        for (int block = 0; block < _last.Length; block++)
        {
            if (_last[block] == 0)
                continue;
            Assert.Equal(Status.Success, _host.Execute(HostCommands.Read(1, (ulong)block, 1), _data));
            Assert.Equal(_last[block], BinaryPrimitives.ReadUInt64LittleEndian(_data));
        }
    }

    public void Stop()
    {
        _stopping = true;
        Assert.True(_thread.Join(TestTarget.Patience));
        Assert.Null(_failure);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            TimeSpan due = TimeSpan.Zero;
            long began = Stopwatch.GetTimestamp();
            while (!_stopping)
            {
                due = WaitForTurn(due, began);
                int block = _random.Below(_last.Length);
                BinaryPrimitives.WriteUInt64LittleEndian(_data, (ulong)_writes + 1);
                Assert.Equal(Status.Success, _host.Execute(HostCommands.Write(1, (ulong)block, 1), _data));
                _last[block] = (ulong)_writes + 1;
                Volatile.Write(ref _writes, _writes + 1);
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }

    /// <returns>When the next write is due, since the beginning.</returns>
    private TimeSpan WaitForTurn(TimeSpan due, long began)
    {
        if (_writesPerSecond == 0)
            return due;
        TimeSpan now = Stopwatch.GetElapsedTime(began);
        if (now < due)
            Thread.Sleep(due - now);
        else if (now - due > MostLag)
            due = now - MostLag;
        return due + TimeSpan.FromSeconds(1.0 / _writesPerSecond);
    }
}
