using Emulator.Core;
using Emulator.Flash.Errors;

namespace Emulator.Flash.Physics;

/// <summary>What goes wrong in the cells.</summary>
public sealed partial class FlashPhysics
{
    private readonly ErrorModel? _errors;
    private readonly BlockWear? _wear;
    private FlashCounters _counters;

    private int _weak = NoSuperblock;

    private const int NoSuperblock = -1;

    /// <summary>Spare blocks that are left on the plane that has the fewest, and that it had at first.</summary>
    public (int Left, int Initial) SpareBlocks => _wear == null ? default : (_wear.FewestSpares(), _wear.InitialSpares);

    /// <summary>
    /// Takes the superblock whose pages were last found too weak to be read at once; -1 when there was none since it was
    /// asked before. Its data had better be written anew.
    /// </summary>
    public int TakeWeak()
    {
        int weak = _weak;
        _weak = NoSuperblock;
        return weak;
    }

    /// <summary>Reads of the most read block of a superblock since its erase, which disturb the others.</summary>
    public long MostBlockReads(int superblock) => _wear?.MostReads(superblock) ?? 0;

    /// <summary>Programs and erases of a block so far, spare blocks that took its place apart.</summary>
    public int BlockCycles(int superblock, int plane) => _wear?.Cycles(superblock, plane) ?? 0;

    private MediumStatus ReadCells(SimTime now, int superblock, uint index, out int retries)
    {
        int plane = PlaneOf(index);
        int cycles = _wear!.CountRead(superblock, plane, out uint reads);
        SimDuration age = now - _wear.ProgrammedAt(superblock);
        ReadOutcome outcome = _errors!.Read(cycles, age, reads);
        retries = outcome.Retries;
        _counters.BitErrors += outcome.BitErrors;
        _counters.Retries += outcome.Retries;
        if (outcome.Retries > 0)
            _weak = superblock;
        if (outcome.Correctable)
            return MediumStatus.Success;
        _counters.UncorrectableReads++;
        return MediumStatus.Uncorrectable;
    }

    private bool ProgramFails(SimTime now, int superblock, uint index)
    {
        if (index < _programPages)
            _wear!.BeginProgramming(superblock, now);
        int plane = PlaneOf(index);
        if (_wear!.IsBad(superblock, plane))
            return true;
        if (!_errors!.ProgramFails(_wear.Cycles(superblock, plane)))
            return false;
        _wear.MarkBad(superblock, plane);
        _counters.GrownBadBlocks++;
        return true;
    }

    private bool EraseFails(int superblock)
    {
        bool fails = false;
        for (int plane = 0; plane < _geometry.PlaneCount; plane++)
        {
            if (!_wear!.IsBad(superblock, plane) && _errors!.EraseFails(_wear.Cycles(superblock, plane)))
            {
                _wear.MarkBad(superblock, plane);
                _counters.GrownBadBlocks++;
            }

            fails |= !_wear.Erased(superblock, plane);
        }

        return fails;
    }

    /// <summary>A block that was asked to fail is a bad one: whether it has a replacement, <see cref="EraseFails"/> finds.</summary>
    private bool InjectedEraseFails(int superblock)
    {
        bool fails = false;
        for (int die = 0; die < _geometry.DieCount; die++)
        {
            if (!_faults!.FailsErase(die))
                continue;
            _wear?.MarkBad(superblock, die * _geometry.PlanesPerDie);
            fails |= _wear == null;
        }

        return fails;
    }

    /// <summary>Counted over all dies, those of a die together.</summary>
    private int PlaneOf(uint index) =>
        (DieOf(index) * _geometry.PlanesPerDie) + _geometry.PlaneOf(new PhysicalPage(index));
}
