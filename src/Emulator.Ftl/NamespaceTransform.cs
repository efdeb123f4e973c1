namespace Emulator.Ftl;

/// <summary>The codec of a namespace, and what it did.</summary>
public sealed class NamespaceTransform(PageTransforms settings, IPageCodec codec) : IDisposable
{
    private TransformCounters _counters;

    /// <summary>What is done to pages that are written from now on.</summary>
    public PageTransforms Settings { get; } = settings;

    public IPageCodec Codec { get; } = codec;

    public ref TransformCounters Counters => ref _counters;

    public void Dispose() => Codec.Dispose();
}
