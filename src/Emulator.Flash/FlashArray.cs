using System.Runtime.CompilerServices;
using Emulator.Core;

namespace Emulator.Flash;

/// <summary>
/// The medium: pages with their spare areas in memory, programmed once between erases and in order within a superblock,
/// as flash demands. Every operation takes the time at which it starts and returns the time at which it is done; this
/// medium takes no time, so that the two are equal.
/// </summary>
public sealed unsafe class FlashArray : IDisposable
{
    private readonly NativeMemoryBlock _data;
    private readonly NativeMemoryBlock _spare;
    private readonly int[] _programmed;
    private readonly int[] _eraseCounts;

    public FlashArray(FlashGeometry geometry)
    {
        Check.That(geometry.Problem() == null);
        Geometry = geometry;
        _data = new NativeMemoryBlock(geometry.Bytes);
        _spare = new NativeMemoryBlock(geometry.PageCount * sizeof(SpareArea));
        _programmed = new int[geometry.BlocksPerPlane];
        _eraseCounts = new int[geometry.BlocksPerPlane];
    }

    public FlashGeometry Geometry { get; }

    /// <summary>How often a superblock was erased.</summary>
    public int EraseCount(int superblock) => _eraseCounts[superblock];

    /// <summary>Reads part of a programmed page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SimTime Read(SimTime now, PhysicalPage page, int offset, Span<byte> destination)
    {
        CheckProgrammed(page);
        Check.That((uint)offset <= FlashGeometry.PageBytes && destination.Length <= FlashGeometry.PageBytes - offset);
        new ReadOnlySpan<byte>(PageAt(page) + offset, destination.Length).CopyTo(destination);
        return now;
    }

    public ref readonly SpareArea ReadSpare(PhysicalPage page)
    {
        CheckProgrammed(page);
        return ref ((SpareArea*)_spare.Pointer)[page.Value];
    }

    /// <summary>Programs the next page of a superblock; <paramref name="data"/> is one whole page.</summary>
    public SimTime Program(SimTime now, PhysicalPage page, ReadOnlySpan<byte> data, in SpareArea spare)
    {
        Check.That(data.Length == FlashGeometry.PageBytes);
        BeginProgram(page);
        fixed (byte* source = data)
            PageCopy.ToMedium(source, PageAt(page));
        ((SpareArea*)_spare.Pointer)[page.Value] = spare;
        return now;
    }

    /// <summary>
    /// Moves a page within the medium (the copy-back of a flash die): data unchanged, with a new spare area.
    /// </summary>
    public SimTime CopyBack(SimTime now, PhysicalPage from, PhysicalPage to, in SpareArea spare)
    {
        CheckProgrammed(from);
        BeginProgram(to);
        PageCopy.ToMedium(PageAt(from), PageAt(to));
        ((SpareArea*)_spare.Pointer)[to.Value] = spare;
        return now;
    }

    /// <summary>Erases a superblock: all its pages may be programmed again.</summary>
    public SimTime Erase(SimTime now, int superblock)
    {
        _programmed[superblock] = 0;
        _eraseCounts[superblock]++;
        return now;
    }

    public void Dispose()
    {
        _data.Dispose();
        _spare.Dispose();
    }

    private byte* PageAt(PhysicalPage page) => _data.Pointer + ((long)page.Value * FlashGeometry.PageBytes);

    private void BeginProgram(PhysicalPage page)
    {
        int superblock = Geometry.SuperblockOf(page);
        Check.That(page == Geometry.FirstPageOf(superblock) + (uint)_programmed[superblock]);
        _programmed[superblock]++;
    }

    private void CheckProgrammed(PhysicalPage page)
    {
        int superblock = Geometry.SuperblockOf(page);
        Check.That(page.Value - Geometry.FirstPageOf(superblock).Value < (uint)_programmed[superblock]);
    }
}
