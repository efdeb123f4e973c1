using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>A VM that writes random blocks over both paths on a thread of its own, and knows what each block holds.</summary>
internal sealed class MultipathWriter : IDisposable
{
    private const int BlockBytes = 4096;

    private readonly MultipathHost _host;
    private readonly SeededRandom _random;
    private readonly ulong[] _last = new ulong[MovePair.Blocks];
    private readonly byte[] _data = new byte[BlockBytes];
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failure;
    private long _writes;

    public MultipathWriter(MultipathHost host, ulong seed)
    {
        _host = host;
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
            while (!_stopping)
            {
                int block = _random.Below(MovePair.Blocks);
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
}
