using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;

namespace Emulator.SimulationTests;

/// <summary>The power goes within a call of the drive.</summary>
public sealed class PowerLossException() : Exception("the power is gone");

/// <summary>What a loss of power leaves of a medium.</summary>
public enum LossKind
{
    /// <summary>All that was stored, as when a process is killed that has the medium mapped.</summary>
    KeepsStores,

    /// <summary>
    /// Of what was stored since the last synchronisation anything, page of a file by page and torn between sectors, as
    /// when the machine stops.
    /// </summary>
    LosesUnsynchronised,
}

/// <summary>
/// A medium in memory that loses what a file may lose, and stops the drive that uses it in the middle of its work, before
/// or after it synchronises, erases, or takes room.
/// </summary>
public sealed unsafe class TestMedium : Medium
{
    private const int FilePageBytes = 4096;
    private const int SectorBytes = 512;

    private readonly NativeMemoryBlock _memory;
    private readonly NativeMemoryBlock? _durable;
    private readonly long _systemBytes;
    private readonly long _spareBytes;
    private readonly SeededRandom? _polls;
    private int _callsUntilLoss = int.MaxValue;

    /// <summary>What is to be durable when the synchronisation in the background is over: pages of the file, as they were.</summary>
    private readonly List<(long Offset, byte[] Contents)> _syncing = [];
    private SyncTicket _latest;
    private int _pollsUntilOver;

    /// <param name="polls">How often it is asked whether a synchronisation in the background is over; null for a medium without.</param>
    public TestMedium(MediumFormat format, LossKind loss, SeededRandom? polls = null)
        : base(format.Geometry)
    {
        _polls = polls;
        _systemBytes = new SystemLayout(format).TotalBytes;
        _spareBytes = (format.Geometry.PageCount * sizeof(SpareArea)) + FilePageBytes - 1 & -FilePageBytes;
        long bytes = _systemBytes + _spareBytes + format.Geometry.Bytes;
        _memory = new NativeMemoryBlock(bytes);
        _durable = loss == LossKind.LosesUnsynchronised ? new NativeMemoryBlock(bytes) : null;
    }

    public override byte* Data => _memory.Pointer + _systemBytes + _spareBytes;

    public override SpareArea* Spare => (SpareArea*)(_memory.Pointer + _systemBytes);

    public override byte* Parity => null;

    public override byte* System => _memory.Pointer;

    public override long SystemBytes => _systemBytes;

    public override bool Persists => true;

    /// <summary>The power goes after so many calls.</summary>
    public void LosePowerAfter(int calls) => _callsUntilLoss = calls;

    public override bool SyncsInBackground => _polls != null;

    public override SyncTicket BeginSync()
    {
        Count();
        Check.That(_pollsUntilOver == 0);
        for (long offset = 0; _durable != null && offset < _memory.Length; offset += FilePageBytes)
        {
            if (IsChanged(offset))
                _syncing.Add((offset, Page(_memory, offset).ToArray()));
        }

        _pollsUntilOver = 1 + _polls!.Below(12);
        return _latest = _latest.Next();
    }

    public override bool IsOver(SyncTicket sync)
    {
        if (sync == _latest && _pollsUntilOver == 1)
            EndSync(sync);
        else if (sync == _latest && _pollsUntilOver > 1)
            _pollsUntilOver--;
        return sync != _latest || _pollsUntilOver == 0;
    }

    public override bool EndSync(SyncTicket sync)
    {
        Count();
        foreach ((long offset, byte[] contents) in _syncing)
            contents.CopyTo(Page(_durable!, offset));
        _syncing.Clear();
        _pollsUntilOver = 0;
        Count();
        return true;
    }

    public override bool Sync()
    {
        Count();
        _syncing.Clear();
        if (_durable != null)
        {
            for (long offset = 0; offset < _memory.Length; offset += FilePageBytes)
            {
                if (IsChanged(offset))
                    Page(_memory, offset).CopyTo(Page(_durable, offset));
            }
        }

        Count();
        return true;
    }

    public override bool Reserve(int superblock)
    {
        Count();
        return true;
    }

    public override void Discard(int superblock)
    {
        Count();
        base.Discard(superblock);
        Count();
    }

    /// <summary>The power is gone: what was not durable may be lost.</summary>
    public void Settle(SeededRandom random)
    {
        _callsUntilLoss = int.MaxValue;
        _pollsUntilOver = 0;
        _syncing.Clear();
        if (_durable == null)
            return;
        int kept = random.Below(101);
        for (long offset = 0; offset < _memory.Length; offset += FilePageBytes)
        {
            if (!IsChanged(offset))
                continue;
            if (random.Chance(3))
                Tear(offset, random);
            else if (!random.Chance(kept))
                Page(_durable, offset).CopyTo(Page(_memory, offset));
            Page(_memory, offset).CopyTo(Page(_durable, offset));
        }
    }

    protected override void Dispose(bool disposing)
    {
        _memory.Dispose();
        _durable?.Dispose();
    }

    private void Tear(long offset, SeededRandom random)
    {
        for (int sector = 0; sector < FilePageBytes; sector += SectorBytes)
        {
            if (random.Chance(50))
                Page(_durable!, offset).Slice(sector, SectorBytes).CopyTo(Page(_memory, offset)[sector..]);
        }
    }

    private bool IsChanged(long offset) => !Page(_memory, offset).SequenceEqual(Page(_durable!, offset));

    private void Count()
    {
        if (--_callsUntilLoss < 0)
            throw new PowerLossException();
    }

    private static Span<byte> Page(NativeMemoryBlock block, long offset) =>
        block.Slice(offset, (int)Math.Min(FilePageBytes, block.Length - offset));
}
