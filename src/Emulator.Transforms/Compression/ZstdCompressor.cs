using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>Zstandard frames by the system's libzstd, whose contexts are made once and used for every page.</summary>
internal sealed unsafe partial class ZstdCompressor : IPageCompressor
{
    private const string Library = "libzstd.so.1";

    /// <summary>Higher levels find little more within 4 KiB and take several times as long.</summary>
    private const int Level = 1;

    private readonly CompressionContext _compression;
    private readonly DecompressionContext _decompression;

    public ZstdCompressor()
    {
        SystemLibrary.Require(Library, "libzstd1", "compression 'zstd'");
        _compression = new CompressionContext();
        _decompression = new DecompressionContext();
    }

    public CompressionKind Kind => CompressionKind.Zstd;

    public int Compress(ReadOnlySpan<byte> plain, Span<byte> compressed)
    {
        nuint bytes;
        fixed (byte* source = plain, target = compressed)
        {
            bytes = Compress(
                _compression.Pointer, target, (nuint)compressed.Length, source, (nuint)plain.Length, Level);
        }

        return IsError(bytes) == 0 ? (int)bytes : 0;
    }

    public bool Decompress(ReadOnlySpan<byte> compressed, Span<byte> plain)
    {
        fixed (byte* source = compressed, target = plain)
        {
            // An error is a number near the end of the range, never the length of a page.
            return Decompress(_decompression.Pointer, target, (nuint)plain.Length, source, (nuint)compressed.Length)
                == (nuint)plain.Length;
        }
    }

    public void Dispose()
    {
        _compression.Dispose();
        _decompression.Dispose();
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    private static partial nint CreateCompression();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    private static partial nuint FreeCompression(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial nint CreateDecompression();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeDecompression(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    private static partial nuint Compress(
        nint context, byte* target, nuint targetBytes, byte* source, nuint sourceBytes, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint Decompress(
        nint context, byte* target, nuint targetBytes, byte* source, nuint sourceBytes);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    private sealed class CompressionContext : SafeHandle
    {
        public CompressionContext()
            : base(0, ownsHandle: true)
        {
            SetHandle(CreateCompression());
            Check.That(!IsInvalid);
        }

        public nint Pointer => handle;

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => FreeCompression(handle) == 0;
    }

    private sealed class DecompressionContext : SafeHandle
    {
        public DecompressionContext()
            : base(0, ownsHandle: true)
        {
            SetHandle(CreateDecompression());
            Check.That(!IsInvalid);
        }

        public nint Pointer => handle;

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => FreeDecompression(handle) == 0;
    }
}
