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

    /// <summary>
    /// After the drive came back: every block is what it was when it was flushed, or something that was written since; and
    /// stays so, since what a drive recovers is on its medium.
    /// </summary>
    public void VerifyRecovered(HostQueue queue) => Read(queue, (block, found) =>
    {
        List<long> allowed = _versions[block];
        Assert.True(allowed.Contains(found), $"block {block} is {found}, may be {string.Join(", ", allowed)}");
        Lost += found == allowed[^1] ? 0 : 1;
        _versions[block] = [found];
    });

    /// <summary>
    /// Of a drive that was up all the time every block is what was written last. That makes nothing durable: a flush alone
    /// says what may be there after a kill.
    /// </summary>
    public void VerifyCurrent(HostQueue queue) => Read(queue, (block, found) =>
        Assert.True(found == _versions[block][^1], $"block {block} is {found}, was written as {_versions[block][^1]}"));

    private void Read(HostQueue queue, Action<int, long> verify)
    {
        for (int first = 0; first < Blocks; first += MostBlocks)
        {
            MustSucceed(queue, queue.Execute(HostCommands.Read(1, (ulong)first, MostBlocks), _data));
            for (int i = 0; i < MostBlocks; i++)
            {
                ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(_data.AsSpan(i * BlockBytes, BlockBytes));
                Assert.False(words.ContainsAnyExcept(words[0]), $"block {first + i} is made of several writes");
                verify(first + i, words[0]);
            }
        }
    }
}
