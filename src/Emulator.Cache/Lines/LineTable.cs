using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Cache;

/// <summary>The lines of a cache: their data, and beside it what is known of each.</summary>
internal sealed unsafe class LineTable : IDisposable
{
    private readonly NativeMemoryBlock _data;
    private readonly NativeMemoryBlock _lines;

    public LineTable(int count)
    {
        Count = count;
        _data = new NativeMemoryBlock((long)count * FlashGeometry.PageBytes);
        _lines = new NativeMemoryBlock((long)count * sizeof(CacheLine));
    }

    public int Count { get; }

    public ref CacheLine this[int line] => ref ((CacheLine*)_lines.Pointer)[line];

    /// <summary>The data of a line: one page.</summary>
    public Span<byte> Data(int line) =>
        new(_data.Pointer + ((long)line * FlashGeometry.PageBytes), FlashGeometry.PageBytes);

    public void Dispose()
    {
        _data.Dispose();
        _lines.Dispose();
    }
}
