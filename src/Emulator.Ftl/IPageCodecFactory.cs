namespace Emulator.Ftl;

/// <summary>Makes the codecs of a drive's namespaces.</summary>
public interface IPageCodecFactory : IDisposable
{
    /// <param name="nguid">Identifier of the namespace, which its key depends on.</param>
    IPageCodec Create(PageTransforms transforms, ReadOnlySpan<byte> nguid);
}
