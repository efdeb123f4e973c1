using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Cache;

/// <summary>The lines of a cache: their data, and beside it what is known of each.</summary>
internal sealed unsafe class LineTable : IDisposable
{
    private readonly NativeMemoryBlock _dataMemory;
    private readonly NativeMemoryBlock _lineMemory;
    private readonly byte* _data;
    private readonly CacheLine* _lines;

    public LineTable(int count)
    {
        Count = count;
        _dataMemory = new NativeMemoryBlock((long)count * FlashGeometry.PageBytes);
        _lineMemory = new NativeMemoryBlock((long)count * sizeof(CacheLine));
        _data = _dataMemory.Pointer;
        _lines = (CacheLine*)_lineMemory.Pointer;
    }

    public int Count { get; }

    public ref CacheLine this[int line] => ref _lines[line];

    /// <summary>The data of a line: one page.</summary>
    public Span<byte> Data(int line) =>
        new(_data + ((long)line * FlashGeometry.PageBytes), FlashGeometry.PageBytes);

    /// <exception cref="InsufficientMemoryException">The system does not have it.</exception>
    public void Preallocate()
    {
        _dataMemory.Populate();
        _lineMemory.Populate();
    }

    public void Dispose()
    {
        _dataMemory.Dispose();
        _lineMemory.Dispose();
    }
}
