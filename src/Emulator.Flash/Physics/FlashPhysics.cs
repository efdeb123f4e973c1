using Emulator.Core;
using Emulator.Flash.Errors;
using Emulator.Flash.Faults;
using Emulator.Flash.Timing;

namespace Emulator.Flash.Physics;

/// <summary>
/// What makes the flash of an array more than memory: operations take time, cells wear and forget, blocks go bad.
/// Either part may be missing: without timing everything is done at once, without errors nothing goes wrong.
/// <para>
/// A program operation of several pages runs when its last page is there; until then its pages are in the register of
/// the die, from where they are read without delay. Blocks that are bad are replaced by spare blocks of their plane
/// when their superblock is erased; what has no replacement fails to program and to erase.
/// </para>
/// </summary>
public sealed partial class FlashPhysics
{
    private readonly FlashGeometry _geometry;
    private readonly FlashTiming? _timing;
    private readonly PageType[] _typeOfRow;
    private readonly uint _pagesPerSuperblock;
    private readonly uint _pagesPerRow;
    private readonly uint _programPages;

    /// <summary>When the last page came of the program operation that a superblock collects.</summary>
    private readonly SimTime[] _collected;

    /// <summary>What of it crosses the channel.</summary>
    private readonly int[] _collectedBytes;

    private InjectedFaults? _faults;

    /// <param name="geometry">The shape of the medium.</param>
    /// <param name="cell">Which says what type the pages of a row have.</param>
    /// <param name="timing">For the dies and channels of this shape; null when nothing takes time.</param>
    /// <param name="errors">Null when nothing goes wrong.</param>
    public FlashPhysics(FlashGeometry geometry, CellType cell, FlashTiming? timing, ErrorModel? errors)
    {
        Check.That(geometry.Problem() == null);
        Check.That(timing == null || timing.DieCount == geometry.DieCount);
        Check.That(timing == null || timing.ChannelCount == geometry.Channels);
        _geometry = geometry;
        _timing = timing;
        _typeOfRow = [.. Enumerable.Range(0, geometry.PagesPerBlock).Select(row => PageTypes.OfRow(cell, row))];
        _pagesPerSuperblock = (uint)geometry.PagesPerSuperblock;
        _pagesPerRow = (uint)(geometry.MapPagesPerFlashPage * geometry.PlaneCount);
        _programPages = (uint)geometry.ProgramPages;
        _collected = new SimTime[geometry.BlocksPerPlane];
        _collectedBytes = new int[geometry.BlocksPerPlane];
        _wear = errors == null ? null : new BlockWear(geometry, errors);
        _errors = errors;
    }

    /// <summary>Null when nothing takes time.</summary>
    public FlashTiming? Timing => _timing;

    /// <summary>Failures to ask for; there are none until this is first used.</summary>
    public InjectedFaults Faults => _faults ??= new InjectedFaults(_geometry.DieCount);

    public ref readonly FlashCounters Counters => ref _counters;

    /// <summary>Reads a page, or a part of it.</summary>
    /// <param name="superblock">Where the page is, and its place there.</param>
    /// <param name="programmed">Pages of the superblock that were programmed.</param>
    /// <param name="isBackground">Whether the drive reads for itself and can wait.</param>
    internal MediumResult Read(
        SimTime now, int superblock, uint index, int programmed, int bytes, bool isBackground)
    {
        _counters.Reads++;
        if (index >= (uint)programmed / _programPages * _programPages)
            return MediumResult.Success(now);

        int retries = 0;
        MediumStatus status = MediumStatus.Success;
        if (_errors != null)
            status = ReadCells(now, superblock, index, out retries);
        if (_timing == null)
            return new MediumResult(now, status);

        int die = DieOf(index);
        PageType type = TypeOf(index);
        SimTime done = isBackground
            ? _timing.ReadInBackground(now, die, bytes, type, retries)
            : _timing.Read(now, die, bytes, type, retries, PlaceOf(superblock, index));
        return new MediumResult(done, status);
    }

    /// <summary>
    /// Programs a page: into the register of the die, or, with the last of an operation, into the cells.
    /// </summary>
    /// <param name="bytes">What of the page is stored: compressed pages cross the channel faster.</param>
    internal MediumResult Program(SimTime now, int superblock, uint index, int bytes)
    {
        if (_programPages > 1)
        {
            uint place = index % _programPages;
            SimTime collected = place == 0 ? now : SimTime.Max(now, _collected[superblock]);
            _collected[superblock] = collected;
            bytes += place == 0 ? 0 : _collectedBytes[superblock];
            _collectedBytes[superblock] = bytes;
            if (place != _programPages - 1)
                return MediumResult.Success(now);
            now = collected;
        }

        _counters.Programs++;
        bool fails = _wear != null && ProgramFails(now, superblock, index);
        if (_faults != null && _faults.FailsProgram(DieOf(index)))
        {
            _wear?.MarkBad(superblock, PlaneOf(index));
            fails = true;
        }

        SimTime done = _timing == null
            ? now
            : _timing.Program(now, DieOf(index), bytes, TypeOf(index), PlaceOf(superblock, index));
        return new MediumResult(done, fails ? MediumStatus.WriteFault : MediumStatus.Success);
    }

    /// <summary>Erases a superblock: its blocks on all dies at once.</summary>
    /// <param name="begins">When the first block begins to change.</param>
    internal MediumResult Erase(SimTime now, int superblock, out SimTime begins)
    {
        _counters.Erases++;
        begins = SimTime.Never;
        SimTime done = now;
        int each = _geometry.IsMultiPlane ? 1 : _geometry.PlanesPerDie;
        for (int die = 0; _timing != null && die < _geometry.DieCount; die++)
        {
            for (int i = 0; i < each; i++)
            {
                SimTime erased = _timing.Erase(now, die);
                begins = SimTime.Min(begins, erased - _timing.EraseTime);
                done = SimTime.Max(done, erased);
            }
        }

        bool fails = _faults != null && InjectedEraseFails(superblock);
        fails |= _wear != null && EraseFails(superblock);
        return new MediumResult(done, fails ? MediumStatus.WriteFault : MediumStatus.Success);
    }

    /// <summary>Takes over what a superblock has been through before the power came on.</summary>
    internal void Restore(int superblock, int eraseCount) => _wear?.Restore(superblock, eraseCount);

    /// <summary>How long the operation that ends with a page works in the cells.</summary>
    internal SimDuration ProgramTime(uint index) => _timing?.ProgramTime(TypeOf(index)) ?? SimDuration.Zero;

    private int DieOf(uint index) => (int)(index / _programPages % (uint)_geometry.DieCount);

    private PlanePlace PlaceOf(int superblock, uint index) => _timing!.JoinsPlanes
        ? PlanePlace.Of(((uint)superblock * (_pagesPerSuperblock / _pagesPerRow)) + (index / _pagesPerRow), PlaneOf(index))
        : default;

    private PageType TypeOf(uint index) => _typeOfRow[index / _pagesPerRow];
}
