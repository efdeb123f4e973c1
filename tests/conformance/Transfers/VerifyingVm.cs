using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>
/// A VM that reads, writes and zeroes at random on a thread of its own and knows what it wrote: every read is checked.
/// Commands that are outstanding together are of different blocks.
/// </summary>
internal sealed class VerifyingVm : IDisposable, ICompletionSink
{
    private const int MostBytes = 32 * 1024;
    private const int Depth = 8;

    private readonly HostController _host;
    private readonly HostQueue _queue;
    private readonly SeededRandom _random;
    private readonly Thread _thread;
    private readonly Disk[] _disks;
    private readonly Asked[] _asked = new Asked[64];
    private volatile bool _stopping;
    private long _commands;
    private uint _version;
    private string _problem = "";

    private sealed record Disk(uint Nsid, int BlockShift, int Blocks)
    {
        /// <summary>What was written to each block last, 0 for zeroes.</summary>
        public uint[] Versions { get; } = new uint[Blocks];

        public bool[] Busy { get; } = new bool[Blocks];
    }

    private record struct Asked(Disk Disk, int Start, int Count, IoOpcode Opcode, uint Version);

    public VerifyingVm(TransferPair pair, ulong seed, params uint[] nsids)
    {
        _host = pair.ConnectVm(this);
        _random = new SeededRandom(seed);
        _disks = [.. nsids.Select(Identify)];
        _queue = _host.IoQueues[0];
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public long Commands => Volatile.Read(ref _commands);

    /// <summary>Pauses the VM: everything that it asked for is done, and was right.</summary>
    public void Stop()
    {
        _stopping = true;
        Assert.True(_thread.Join(TestTarget.Patience));
        Assert.True(_problem.Length == 0, _problem);
    }

    /// <summary>SHA-256 of what a namespace has to hold. The VM is paused.</summary>
    public string Digest(uint nsid)
    {
        Disk disk = _disks.Single(disk => disk.Nsid == nsid);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[1 << disk.BlockShift];
        for (int lba = 0; lba < disk.Blocks; lba++)
        {
            Fill(block, lba, disk.Versions[lba]);
            hash.AppendData(block);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public void Completed(HostQueue queue, int slot, in HostCompletion completion)
    {
        Asked asked = _asked[slot];
        _commands++;
        if (!completion.IsSuccess)
            _problem = $"{asked.Opcode} of {asked.Disk.Nsid}:{asked.Start}+{asked.Count}: {completion.Status}";
        else if (asked.Opcode == IoOpcode.Read)
            Check(asked, queue.Buffer(slot));
        if (asked.Opcode != IoOpcode.Flush)
            asked.Disk.Busy.AsSpan(asked.Start, asked.Count).Clear();
        queue.Release(slot);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _host.Dispose();
    }

    private static void Fill(Span<byte> block, int lba, uint version) =>
        MemoryMarshal.Cast<byte, ulong>(block).Fill(version == 0 ? 0 : ((ulong)version << 32) | (uint)lba);

    private void Check(in Asked asked, ReadOnlySpan<byte> data)
    {
        int bytes = 1 << asked.Disk.BlockShift;
        for (int i = 0; i < asked.Count; i++)
        {
            int lba = asked.Start + i;
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data.Slice(i * bytes, bytes));
            uint version = asked.Disk.Versions[lba];
            ulong expected = version == 0 ? 0 : ((ulong)version << 32) | (uint)lba;
            if (words.ContainsAnyExcept(expected))
                _problem = $"block {asked.Disk.Nsid}:{lba} reads as {words[0]:X}, was written as {expected:X}";
        }
    }

    private Disk Identify(uint nsid)
    {
        byte[] data = new byte[IdentifyNamespace.Size];
        _host.Succeed("Identify Namespace", HostCommands.Identify(IdentifyCns.Namespace, nsid), data);
        IdentifyNamespace identity = WireStruct.Read<IdentifyNamespace>(data);
        return new Disk(nsid, identity.Lbaf[identity.Flbas & 0xF].Lbads, (int)(ulong)identity.Nsze);
    }

    private void Run()
    {
        while (!_stopping && _queue.IsConnected && _problem.Length == 0)
        {
            if (_queue.Outstanding < Depth && _queue.TryAcquire(out int slot))
                Submit(slot);
            if (_queue.Poll() == 0)
                Thread.Yield();
        }

        _queue.Drain(TestTarget.Patience);
    }

    private void Submit(int slot)
    {
        Disk disk = _disks[_random.Below(_disks.Length)];
        int count = 1 + _random.Below(MostBytes >> disk.BlockShift);
        int start = _random.Below(disk.Blocks - count);
        IoOpcode opcode = _random.Below(100) switch
        {
            < 45 => IoOpcode.Read,
            < 85 => IoOpcode.Write,
            < 97 => IoOpcode.WriteZeroes,
            _ => IoOpcode.Flush,
        };
        if (opcode != IoOpcode.Flush && disk.Busy.AsSpan(start, count).Contains(true))
        {
            _queue.Release(slot);
            return;
        }

        uint version = opcode == IoOpcode.Write ? ++_version : 0;
        _asked[slot] = new Asked(disk, start, count, opcode, version);
        if (opcode == IoOpcode.Flush)
        {
            _queue.Entry(slot) = HostCommands.Flush(disk.Nsid);
            _queue.Submit(slot, 0);
            return;
        }

        disk.Busy.AsSpan(start, count).Fill(true);
        if (opcode is IoOpcode.Write or IoOpcode.WriteZeroes)
            disk.Versions.AsSpan(start, count).Fill(version);
        _queue.Entry(slot) = HostCommands.Io(opcode, disk.Nsid, (ulong)start, count);
        Span<byte> data = _queue.Buffer(slot)[..(count << disk.BlockShift)];
        for (int i = 0; opcode == IoOpcode.Write && i < count; i++)
            Fill(data.Slice(i << disk.BlockShift, 1 << disk.BlockShift), start + i, version);
        _queue.Submit(slot, opcode == IoOpcode.WriteZeroes ? 0 : data.Length);
    }
}
