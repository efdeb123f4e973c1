using System.Runtime.CompilerServices;
using Emulator.Core;

namespace Emulator.Flash;

/// <summary>
/// The flash of a drive: pages with their spare areas, programmed once between erases and in order within a superblock,
/// as flash demands. Every operation takes the time at which it is asked for and tells when it is done; without a timing
/// model that is at once.
/// </summary>
public sealed unsafe partial class FlashArray
{
    private readonly byte* _data;
    private readonly SpareArea* _spare;
    private readonly int[] _programmed;
    private readonly int[] _eraseCounts;

    /// <param name="medium">Where the bytes are; it stays the caller's.</param>
    public FlashArray(Medium medium)
    {
        Medium = medium;
        Geometry = medium.Geometry;
        _data = medium.Data;
        _spare = medium.Spare;
        _programmed = new int[Geometry.BlocksPerPlane];
        _eraseCounts = new int[Geometry.BlocksPerPlane];
    }

    public Medium Medium { get; }

    public FlashGeometry Geometry { get; }

    /// <summary>How often a superblock was erased.</summary>
    public int EraseCount(int superblock) => _eraseCounts[superblock];

    /// <summary>Pages of a superblock that were programmed since it was erased.</summary>
    public int ProgrammedPages(int superblock) => _programmed[superblock];

    /// <summary>Reads part of a programmed page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MediumResult Read(SimTime now, PhysicalPage page, int offset, Span<byte> destination)
    {
        CheckProgrammed(page);
        Check.That((uint)offset <= FlashGeometry.PageBytes && destination.Length <= FlashGeometry.PageBytes - offset);
        if (_data == null)
            destination.Clear();
        else
            new ReadOnlySpan<byte>(PageAt(page) + offset, destination.Length).CopyTo(destination);
        return MediumResult.Success(now);
    }

    public ref readonly SpareArea ReadSpare(PhysicalPage page)
    {
        CheckProgrammed(page);
        return ref _spare[page.Value];
    }

    /// <summary>
    /// Programs the next page of a superblock. A program operation that takes several pages runs when the last of them
    /// is there.
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
        return MediumResult.Success(now);
    }

    /// <summary>
    /// Moves a page within the medium (the copy-back of a flash die): data unchanged, with a new spare area.
    /// </summary>
    public MediumResult CopyBack(SimTime now, PhysicalPage from, PhysicalPage to, in SpareArea spare)
    {
        CheckProgrammed(from);
        if (!TryBeginProgram(to))
            return new MediumResult(now, MediumStatus.WriteFault);
        if (_data != null)
            PageCopy.ToMedium(PageAt(from), PageAt(to));
        CopyParity(from, to);
        _spare[to.Value] = spare;
        return MediumResult.Success(now);
    }

    /// <summary>Erases a superblock: all its pages may be programmed again.</summary>
    public MediumResult Erase(SimTime now, int superblock)
    {
        if (Medium.Persists)
            Medium.Discard(superblock);
        else
            new Span<SpareArea>(_spare + Geometry.FirstPageOf(superblock).Value, _programmed[superblock]).Clear();
        _programmed[superblock] = 0;
        _eraseCounts[superblock]++;
        return MediumResult.Success(now);
    }

    /// <summary>
    /// Takes over what a superblock held before the power came on: pages up to the last that is programmed, whole or
    /// torn, and how often it was erased.
    /// </summary>
    public void Restore(int superblock, int programmedPages, int eraseCount)
    {
        Check.That((uint)programmedPages <= (uint)Geometry.PagesPerSuperblock && eraseCount >= 0);
        _programmed[superblock] = programmedPages;
        _eraseCounts[superblock] = eraseCount;
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
        int superblock = Geometry.SuperblockOf(page);
        Check.That(page == Geometry.FirstPageOf(superblock) + (uint)_programmed[superblock]);
        if (_programmed[superblock] == 0 && !Medium.Reserve(superblock))
            return false;
        _programmed[superblock]++;
        return true;
    }

    private void CheckProgrammed(PhysicalPage page)
    {
        int superblock = Geometry.SuperblockOf(page);
        Check.That(page.Value - Geometry.FirstPageOf(superblock).Value < (uint)_programmed[superblock]);
    }
}
