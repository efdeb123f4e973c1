using Emulator.Core;
using Emulator.Flash.Errors;

namespace Emulator.Flash.Physics;

/// <summary>
/// What every block has been through, and which are bad. A plane has spare blocks beyond those that hold data; some of
/// either are bad from the factory, and the bad ones that hold data are replaced before the drive is used as far as
/// there are spare ones.
/// </summary>
internal sealed class BlockWear
{
    private readonly int _planes;
    private readonly int[] _cycles;
    private readonly uint[] _reads;
    private readonly SimTime[] _programmedAt;
    private readonly int[] _spares;
    private readonly HashSet<int> _bad = [];

    public BlockWear(FlashGeometry geometry, ErrorModel errors)
    {
        _planes = geometry.PlaneCount;
        _cycles = new int[geometry.BlocksPerPlane * _planes];
        _reads = new uint[_cycles.Length];
        _programmedAt = new SimTime[geometry.BlocksPerPlane];
        _spares = new int[_planes];
        for (int plane = 0; plane < _planes; plane++)
            Manufacture(geometry, errors, plane);
        InitialSpares = FewestSpares();
    }

    /// <summary><see cref="FewestSpares"/> when the drive was new.</summary>
    public int InitialSpares { get; }

    public int Cycles(int superblock, int plane) => _cycles[At(superblock, plane)];

    public SimTime ProgrammedAt(int superblock) => _programmedAt[superblock];

    /// <summary>Counts a read of a block.</summary>
    /// <param name="before">Reads since its erase before this one.</param>
    /// <returns>The cycles of the block.</returns>
    public int CountRead(int superblock, int plane, out uint before)
    {
        int block = At(superblock, plane);
        before = _reads[block];
        if (before < uint.MaxValue)
            _reads[block]++;
        return _cycles[block];
    }

    public long MostReads(int superblock)
    {
        uint most = 0;
        foreach (uint reads in _reads.AsSpan(superblock * _planes, _planes))
            most = Math.Max(most, reads);
        return most;
    }

    /// <summary>The first page of a superblock is programmed; from here on its pages age.</summary>
    public void BeginProgramming(int superblock, SimTime now) => _programmedAt[superblock] = now;

    public bool IsBad(int superblock, int plane) => _bad.Count != 0 && _bad.Contains(At(superblock, plane));

    public void MarkBad(int superblock, int plane) => _bad.Add(At(superblock, plane));

    /// <summary>A block was erased; one that is bad is replaced by a spare one.</summary>
    /// <returns>False if it is bad and there is none.</returns>
    public bool Erased(int superblock, int plane)
    {
        int block = At(superblock, plane);
        _reads[block] = 0;
        _cycles[block]++;
        return !IsBad(superblock, plane) || TryReplace(superblock, plane);
    }

    /// <summary>Spare blocks that are left on the plane that has the fewest.</summary>
    public int FewestSpares() => _spares.Min();

    public void Restore(int superblock, int cycles) => _cycles.AsSpan(superblock * _planes, _planes).Fill(cycles);

    private int At(int superblock, int plane) => (superblock * _planes) + plane;

    private bool TryReplace(int superblock, int plane)
    {
        if (_spares[plane] == 0)
            return false;
        int block = At(superblock, plane);
        _spares[plane]--;
        _cycles[block] = 0;
        _bad.Remove(block);
        return true;
    }

    private void Manufacture(FlashGeometry geometry, ErrorModel errors, int plane)
    {
        int spares = errors.SpareBlocks(geometry.BlocksPerPlane);
        for (int block = 0; block < geometry.BlocksPerPlane + spares; block++)
        {
            bool isBad = errors.IsBadFromFactory(plane, block);
            if (block >= geometry.BlocksPerPlane)
                _spares[plane] += isBad ? 0 : 1;
            else if (isBad)
                MarkBad(block, plane);
        }

        for (int block = 0; block < geometry.BlocksPerPlane; block++)
        {
            if (IsBad(block, plane))
                TryReplace(block, plane);
        }
    }
}
