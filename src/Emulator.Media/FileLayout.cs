using Emulator.Flash;
using Emulator.Ftl.Persistence;

namespace Emulator.Media;

/// <summary>Where the parts of a medium are in its file (specs/media-format.md, "File"), in bytes.</summary>
public sealed unsafe class FileLayout
{
    /// <summary>Every part begins at a multiple of this.</summary>
    private const long Alignment = 1 << 20;

    public FileLayout(MediumFormat format)
    {
        FlashGeometry geometry = format.Geometry;
        SystemBytes = new SystemLayout(format).TotalBytes;
        SpareOffset = Aligned(SystemBytes);
        ParityOffset = Aligned(SpareOffset + (geometry.PageCount * sizeof(SpareArea)));
        DataOffset = Aligned(ParityOffset + (geometry.PageCount * geometry.ParityBytes));
        FileBytes = DataOffset + geometry.Bytes;
    }

    public long SystemBytes { get; }

    public long SpareOffset { get; }

    public long ParityOffset { get; }

    public long DataOffset { get; }

    public long FileBytes { get; }

    private static long Aligned(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
