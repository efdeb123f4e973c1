using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>The compression methods of a drive, each made when it is first asked for and shared by its namespaces.</summary>
internal sealed class PageCompressors : IDisposable
{
    private Lz4Compressor? _lz4;
    private ZstdCompressor? _zstd;

    /// <returns>Null for a kind that does not exist, which a damaged page may ask for.</returns>
    /// <exception cref="LibraryMissingException">The system lacks the library.</exception>
    public IPageCompressor? Find(CompressionKind kind) => kind switch
    {
        CompressionKind.Lz4 => _lz4 ??= new Lz4Compressor(),
        CompressionKind.Zstd => _zstd ??= new ZstdCompressor(),
        _ => null,
    };

    public void Dispose()
    {
        _lz4?.Dispose();
        _zstd?.Dispose();
    }
}
