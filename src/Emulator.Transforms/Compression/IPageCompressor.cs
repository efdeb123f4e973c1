using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>A compression method with its working memory; for one thread at a time.</summary>
internal interface IPageCompressor : IDisposable
{
    CompressionKind Kind { get; }

    /// <returns>Compressed bytes; 0 if they do not fit into <paramref name="compressed"/>.</returns>
    int Compress(ReadOnlySpan<byte> plain, Span<byte> compressed);

    /// <returns>Whether exactly all of <paramref name="plain"/> came out. Never reads or writes beyond either.</returns>
    bool Decompress(ReadOnlySpan<byte> compressed, Span<byte> plain);
}
