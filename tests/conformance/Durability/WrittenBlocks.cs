using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Tcp;

namespace Emulator.ConformanceTests.Durability;

/// <summary>
/// What a host wrote to a namespace: for each block the number that it was given when it was flushed last, and those that
/// it was given since.
/// </summary>
internal sealed class WrittenBlocks
{
    public const int BlockBytes = 4096;
    public const int MostBlocks = 8;

    private const int Blocks = 4096;
    private const int WritesAtOnce = 16;
    private const int BlocksOfStripe = Blocks / WritesAtOnce;

    private readonly List<long>[] _versions = [.. Enumerable.Range(0, Blocks).Select(_ => new List<long> { 0 })];
    private readonly byte[] _data = new byte[MostBlocks * BlockBytes];
    private long _version;

    public long Writes { get; private set; }

    public long Flushes { get; private set; }

    /// <summary>Blocks that were written, not flushed, and had older contents after a kill.</summary>
    public long Lost { get; private set; }

    /// <summary>
    /// Writes at random places, several commands at a time, and waits until they are acknowledged. Each has a part of the
    /// namespace to itself: commands that are outstanding at the same time have no order.
    /// </summary>
    public void WriteSome(HostQueue queue, SeededRandom random)
    {
        var slots = new List<int>();
        for (int i = 0; i < WritesAtOnce; i++)
        {
            int count = 1 + random.Below(MostBlocks);
            int first = (i * BlocksOfStripe) + random.Below(BlocksOfStripe - count);
            for (int block = 0; block < count; block++)
            {
                _versions[first + block].Add(++_version);
                MemoryMarshal.Cast<byte, long>(_data.AsSpan(block * BlockBytes, BlockBytes)).Fill(_version);
            }

            slots.Add(queue.Begin(HostCommands.Write(1, (ulong)first, count), _data.AsSpan(0, count * BlockBytes)));
        }

        foreach (int slot in slots)
        {
            MustSucceed(queue, queue.Wait(slot));
            Writes++;
        }
    }

    /// <summary>Flushes, and when that is acknowledged nothing older may ever be there again.</summary>
    public void Flush(HostQueue queue)
    {
        MustSucceed(queue, queue.Execute(HostCommands.Flush(1)));
        Flushes++;
        foreach (List<long> versions in _versions)
            versions.RemoveRange(0, versions.Count - 1);
    }

    /// <summary>A command that a lost connection ended was not answered.</summary>
    private static void MustSucceed(HostQueue queue, HostCompletion completion)
    {
        if (!completion.Status.IsSuccess && !queue.IsConnected)
            throw new HostConnectionException(queue.Failure!);
        Assert.True(completion.Status.IsSuccess, $"{completion.Status}");
    }

    /// <summary>Every block is what it was when it was flushed, or something that was written since; and stays so.</summary>
    public void Verify(HostQueue queue)
    {
        for (int first = 0; first < Blocks; first += MostBlocks)
        {
            Assert.True(queue.Execute(HostCommands.Read(1, (ulong)first, MostBlocks), _data).Status.IsSuccess);
            for (int i = 0; i < MostBlocks; i++)
            {
                ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(_data.AsSpan(i * BlockBytes, BlockBytes));
                List<long> allowed = _versions[first + i];
                Assert.False(words.ContainsAnyExcept(words[0]), $"block {first + i} is made of several writes");
                Assert.True(
                    allowed.Contains(words[0]), $"block {first + i} is {words[0]}, may be {string.Join(", ", allowed)}");
                Lost += words[0] == allowed[^1] ? 0 : 1;
                _versions[first + i] = [words[0]];
            }
        }
    }
}
