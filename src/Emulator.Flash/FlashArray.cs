using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Flash.Physics;

namespace Emulator.Flash;

/// <summary>
/// The flash of a drive: pages with their spare areas, programmed once between erases and in order within a superblock,
/// as flash demands. Every operation takes the time at which it is asked for and tells when it is done and how it
/// ended; without a model of its physics that is at once, and well.
/// </summary>
public sealed unsafe partial class FlashArray
{
    private readonly byte* _data;
    private readonly SpareArea* _spare;
    private readonly int[] _programmed;
    private readonly int[] _eraseCounts;
    private readonly uint _pagesPerSuperblock;
    private readonly Divisor _bySuperblock;
    private readonly bool _hasParity;
    private FlashPhysics? _physics;

    /// <param name="medium">Where the bytes are; it stays the caller's.</param>
    /// <param name="physics">Null for flash that takes no time and never fails.</param>
    public FlashArray(Medium medium, FlashPhysics? physics = null)
    {
        Medium = medium;
        Geometry = medium.Geometry;
        _data = medium.Data;
        _spare = medium.Spare;
        _physics = physics;
        _pagesPerSuperblock = (uint)Geometry.PagesPerSuperblock;
        _bySuperblock = new Divisor(_pagesPerSuperblock);
        _hasParity = medium.Parity != null;
        _programmed = new int[Geometry.BlocksPerPlane];
        _eraseCounts = new int[Geometry.BlocksPerPlane];
        if (medium.Persists && physics?.Timing != null)
            _unfinished = new UnfinishedOperations(this);
    }

    public Medium Medium { get; }

    public FlashGeometry Geometry { get; }

    /// <summary>
    /// The time that has come for the drive, before which its power cannot go any more. Operations are asked for later times
    /// as well, where one waits for another.
    /// </summary>
    public SimTime Present { get; set; }

    /// <summary>Null for flash that takes no time and never fails.</summary>
    public FlashPhysics? Physics => _physics;

    /// <summary>How often a superblock was erased.</summary>
    public int EraseCount(int superblock) => _eraseCounts[superblock];

    /// <summary>Pages of a superblock that were programmed since it was erased.</summary>
    public int ProgrammedPages(int superblock) => _programmed[superblock];

    /// <summary>Reads part of a programmed page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MediumResult Read(SimTime now, PhysicalPage page, int offset, Span<byte> destination)
    {
        int superblock = CheckProgrammed(page);
        Check.That((uint)offset <= FlashGeometry.PageBytes && destination.Length <= FlashGeometry.PageBytes - offset);
        if (_data == null)
            destination.Clear();
        else
            new ReadOnlySpan<byte>(PageAt(page) + offset, destination.Length).CopyTo(destination);
        return _physics == null
            ? MediumResult.Success(now)
            : ReadPhysical(now, page, superblock, destination.Length, isBackground: false);
    }

    public ref readonly SpareArea ReadSpare(PhysicalPage page)
    {
        CheckProgrammed(page);
        return ref _spare[page.Value];
    }

    /// <summary>
    /// Programs the next page of a superblock. A program operation that takes several pages runs when the last of them
    /// is there, and if it fails none of them is stored for good: those before the last can be read until the
    /// superblock is erased, the last one cannot.
    /// </summary>
    /// <param name="data">One whole page; empty for a page that only fills up a program operation.</param>
    public MediumResult Program(SimTime now, PhysicalPage page, ReadOnlySpan<byte> data, in SpareArea spare)
    {
        Check.That(data.Length == FlashGeometry.PageBytes || data.IsEmpty);
        if (!TryBeginProgram(page))
            return new MediumResult(now, MediumStatus.WriteFault);
        if (_data != null && !data.IsEmpty)
        {
            fixed (byte* source = data)
                PageCopy.ToMedium(source, PageAt(page));
        }

        _spare[page.Value] = spare;
        return _physics == null ? MediumResult.Success(now) : ProgramPhysical(now, page);
    }

    /// <summary>
    /// Moves a page within the medium: data unchanged, with a new spare area. It is read when the die has nothing else
    /// to do, corrected, and programmed. A page that cannot be corrected cannot be read where it is moved to either.
    /// </summary>
    public MediumResult CopyBack(SimTime now, PhysicalPage from, PhysicalPage to, in SpareArea spare)
    {
        int superblock = CheckProgrammed(from);
        if (!TryBeginProgram(to))
            return new MediumResult(now, MediumStatus.WriteFault);
        if (_data != null)
            PageCopy.ToMedium(PageAt(from), PageAt(to));
        if (_hasParity)
            CopyParity(from, to);
        _spare[to.Value] = spare;
        return _physics == null ? MediumResult.Success(now) : MovePhysical(now, from, superblock, to);
    }

    /// <summary>Erases a superblock: all its pages may be programmed again.</summary>
    public MediumResult Erase(SimTime now, int superblock)
    {
        MediumResult result = _physics == null ? MediumResult.Success(now) : ErasePhysical(now, superblock);
        if (Medium.Persists && _unfinished == null)
            Medium.Discard(superblock);
        else
            new Span<SpareArea>(_spare + Geometry.FirstPageOf(superblock).Value, _programmed[superblock]).Clear();
        _programmed[superblock] = 0;
        _eraseCounts[superblock]++;
        return result;
    }

    /// <summary>
    /// Takes over what a superblock held before the power came on: pages up to the last that is programmed, whole or
    /// torn, and how often it was erased.
    /// </summary>
    public void Restore(int superblock, int programmedPages, int eraseCount)
    {
        Check.That((uint)programmedPages <= (uint)Geometry.PagesPerSuperblock && eraseCount >= 0);

        // A program operation that was cut short is not continued, and what is left of it waits for nothing.
        int operation = Geometry.ProgramPages;
        _programmed[superblock] = Math.Min((programmedPages + operation - 1) / operation * operation, Geometry.PagesPerSuperblock);
        _eraseCounts[superblock] = eraseCount;
        _physics?.Restore(superblock, eraseCount);
    }

    /// <summary>The spare area of any page, programmed or not, as recovery reads it.</summary>
    public ref readonly SpareArea ScanSpare(PhysicalPage page)
    {
        Check.That(page.Value < Geometry.PageCount);
        return ref _spare[page.Value];
    }

    /// <summary>Whether a page and its spare area are as they were programmed; for a medium that persists.</summary>
    public bool IsUndamaged(PhysicalPage page)
    {
        ref readonly SpareArea spare = ref ScanSpare(page);
        if (!spare.IsProgrammed)
            return false;
        if (_data == null || spare.LogicalPage == SpareArea.NoLogicalPage)
            return spare.DataChecksum == 0;
        uint state = Crc32C.Append(Crc32C.Initial, new ReadOnlySpan<byte>(PageAt(page), FlashGeometry.PageBytes));
        if (spare.Form.HasEcc)
            state = Crc32C.Append(state, ParityOf(page));
        return spare.DataChecksum == Crc32C.Finish(state);
    }

    private byte* PageAt(PhysicalPage page) => _data + ((long)page.Value * FlashGeometry.PageBytes);

    /// <returns>False if the medium has no room for a superblock that is begun.</returns>
    private bool TryBeginProgram(PhysicalPage page)
    {
        int superblock = SuperblockOf(page, out uint index);
        ref int programmed = ref _programmed[superblock];
        Check.That(index == (uint)programmed);
        if (programmed == 0 && !Medium.Reserve(superblock))
            return false;
        programmed++;
        _unfinished?.BeforeProgram(page);
        return true;
    }

    private int CheckProgrammed(PhysicalPage page)
    {
        int superblock = SuperblockOf(page, out uint index);
        Check.That(index < (uint)_programmed[superblock]);
        return superblock;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SuperblockOf(PhysicalPage page, out uint index)
    {
        uint superblock = _bySuperblock.Quotient(page.Value);
        index = page.Value - (superblock * _pagesPerSuperblock);
        return (int)superblock;
    }
}
