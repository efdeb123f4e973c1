using System.Runtime.CompilerServices;
using Emulator.Core;

namespace Emulator.Ftl.Superblocks;

/// <summary>
/// What is known of each superblock, a column of it in an array of its own. A free superblock is in
/// <see cref="Free"/>, a closed one in <see cref="Closed"/>; the others are held by whoever writes or empties them.
/// </summary>
internal sealed class SuperblockTable
{
    private readonly int[] _validPages;
    private readonly SuperblockState[] _states;
    private readonly byte[] _streams;
    private readonly ulong[] _closedAt;

    public SuperblockTable(int count, int pagesPerSuperblock)
    {
        _validPages = new int[count];
        _states = new SuperblockState[count];
        _streams = new byte[count];
        _closedAt = new ulong[count];
        Free = new FreeSuperblocks(count);
        Closed = new VictimIndex(count, pagesPerSuperblock);
    }

    public int Count => _states.Length;

    public FreeSuperblocks Free { get; }

    public VictimIndex Closed { get; }

    public SuperblockState StateOf(int superblock) => _states[superblock];

    public int ValidPages(int superblock) => _validPages[superblock];

    /// <summary>The stream that it was last opened for, as <see cref="WriteStream.Value"/>.</summary>
    public byte StreamOf(int superblock) => _streams[superblock];

    /// <summary>The last sequence that was given out when it was closed.</summary>
    public ulong ClosedAt(int superblock) => _closedAt[superblock];

    /// <summary>Begins anew: nothing is free, closed or valid.</summary>
    public void Clear()
    {
        _validPages.AsSpan().Clear();
        _streams.AsSpan().Clear();
        _states.AsSpan().Fill(SuperblockState.Retired);
        Free.Clear();
        Closed.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddValidPage(int superblock) => _validPages[superblock]++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RemoveValidPage(int superblock, ulong sequence)
    {
        int left = --_validPages[superblock];
        Check.That(left >= 0);
        if (Closed.HasCrossed(left) && _states[superblock] == SuperblockState.Closed)
        {
            Closed.Remove(superblock, left + 1);
            Closed.Add(superblock, left, sequence);
        }
    }

    public int OpenLeastWorn(byte stream) => Opened(Free.TakeLeastWorn(), stream);

    public int OpenMostWorn(byte stream) => Opened(Free.TakeMostWorn(), stream);

    public void Close(int superblock, ulong sequence)
    {
        _states[superblock] = SuperblockState.Closed;
        _closedAt[superblock] = sequence;
        Closed.Add(superblock, _validPages[superblock], sequence);
    }

    public void TakeAsVictim(int superblock) => TakeClosed(superblock, SuperblockState.Victim);

    /// <summary>A superblock that was closed before its end is written on.</summary>
    public void Reopen(int superblock) => TakeClosed(superblock, SuperblockState.Open);

    public void HoldEmptied(int superblock)
    {
        Check.That(_validPages[superblock] == 0);
        _states[superblock] = SuperblockState.Emptied;
    }

    /// <summary>Every superblock that was closed counts as closed at this sequence.</summary>
    public void CloseAllAt(ulong sequence) => _closedAt.AsSpan().Fill(sequence);

    /// <summary>A superblock that nothing holds any more, and that was erased, can be written again.</summary>
    public void Release(int superblock, int eraseCount)
    {
        Check.That(_validPages[superblock] == 0);
        _states[superblock] = SuperblockState.Free;
        Free.Add(superblock, eraseCount);
    }

    public void Retire(int superblock)
    {
        Check.That(_validPages[superblock] == 0);
        _states[superblock] = SuperblockState.Retired;
    }

    private void TakeClosed(int superblock, SuperblockState state)
    {
        Check.That(_states[superblock] == SuperblockState.Closed);
        Closed.Remove(superblock, _validPages[superblock]);
        _states[superblock] = state;
    }

    private int Opened(int superblock, byte stream)
    {
        _states[superblock] = SuperblockState.Open;
        _streams[superblock] = stream;
        return superblock;
    }
}
