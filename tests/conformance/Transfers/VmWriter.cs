using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>A VM that writes, zeroes and deallocates at random on a thread of its own, until it is paused.</summary>
internal sealed class VmWriter : IDisposable, ICompletionSink
{
    private const int MostBytes = 64 * 1024;

    private readonly HostController _host;
    private readonly HostQueue _queue;
    private readonly SeededRandom _random;
    private readonly Thread _thread;
    private readonly (uint Nsid, int BlockShift, ulong Blocks)[] _namespaces;
    private volatile bool _stopping;
    private long _commands;
    private Status _failure;

    public VmWriter(TransferPair pair, ulong seed, params uint[] nsids)
    {
        _host = pair.ConnectVm(this);
        _random = new SeededRandom(seed);
        _namespaces = [.. nsids.Select(Identify)];
        _queue = _host.IoQueues[0];
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public long Commands => Volatile.Read(ref _commands);

    /// <summary>Pauses the VM: everything that it asked for is done.</summary>
    public void Stop()
    {
        _stopping = true;
        Assert.True(_thread.Join(TestTarget.Patience));
        Assert.True(_failure.IsSuccess, _failure.ToString());
    }

    public void Completed(HostQueue queue, int slot, in HostCompletion completion)
    {
        _commands++;
        if (!completion.IsSuccess)
            _failure = completion.Status;
        queue.Release(slot);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _host.Dispose();
    }

    private (uint Nsid, int BlockShift, ulong Blocks) Identify(uint nsid)
    {
        byte[] data = new byte[IdentifyNamespace.Size];
        _host.Succeed("Identify Namespace", HostCommands.Identify(IdentifyCns.Namespace, nsid), data);
        IdentifyNamespace identity = WireStruct.Read<IdentifyNamespace>(data);
        return (nsid, identity.Lbaf[identity.Flbas & 0xF].Lbads, identity.Nsze);
    }

    private void Run()
    {
        while (!_stopping && _queue.IsConnected)
        {
            if (_queue.Outstanding < 8 && _queue.TryAcquire(out int slot))
                Submit(slot);
            if (_queue.Poll() == 0)
                Thread.Yield();
        }

        _queue.Drain(TestTarget.Patience);
    }

    // Commands that are outstanding together may touch the same blocks: what they leave is for the drive to know.
    private void Submit(int slot)
    {
        (uint nsid, int shift, ulong blocks) = _namespaces[_random.Below(_namespaces.Length)];
        int count = 1 + _random.Below(MostBytes >> shift);
        ulong start = _random.Below(blocks - (ulong)count);
        bool isZero = _random.Chance(15);
        _queue.Entry(slot) = HostCommands.Io(isZero ? IoOpcode.WriteZeroes : IoOpcode.Write, nsid, start, count);
        if (!isZero)
            _random.Fill(_queue.Buffer(slot)[..(count << shift)]);
        _queue.Submit(slot, isZero ? 0 : count << shift);
    }
}
