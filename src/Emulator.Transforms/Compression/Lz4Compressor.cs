using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>LZ4 blocks by the system's liblz4. The library allocates nothing.</summary>
internal sealed unsafe partial class Lz4Compressor : IPageCompressor
{
    private const string Library = "liblz4.so.1";
    private const int Acceleration = 1;

    private readonly NativeMemoryBlock _state;

    public Lz4Compressor()
    {
        SystemLibrary.Require(Library, "liblz4-1", "compression 'lz4'");
        _state = new NativeMemoryBlock(StateBytes());
    }

    public CompressionKind Kind => CompressionKind.Lz4;

    public int Compress(ReadOnlySpan<byte> plain, Span<byte> compressed)
    {
        fixed (byte* source = plain, target = compressed)
            return Compress(_state.Pointer, source, target, plain.Length, compressed.Length, Acceleration);
    }

    public bool Decompress(ReadOnlySpan<byte> compressed, Span<byte> plain)
    {
        fixed (byte* source = compressed, target = plain)
            return Decompress(source, target, compressed.Length, plain.Length) == plain.Length;
    }

    public void Dispose() => _state.Dispose();

    [LibraryImport(Library, EntryPoint = "LZ4_sizeofState")]
    private static partial int StateBytes();

    [LibraryImport(Library, EntryPoint = "LZ4_compress_fast_extState")]
    private static partial int Compress(
        void* state, byte* source, byte* target, int sourceBytes, int targetBytes, int acceleration);

    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe")]
    private static partial int Decompress(byte* source, byte* target, int sourceBytes, int targetBytes);
}
