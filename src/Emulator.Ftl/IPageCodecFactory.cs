namespace Emulator.Ftl;

/// <summary>Makes the codecs of a drive's namespaces.</summary>
public interface IPageCodecFactory : IDisposable
{
    /// <summary>Names the key of a namespace as <see cref="IPageCodec.KeyIdentifier"/> does; 0 without a secret.</summary>
    UInt128 KeyIdentifierOf(ReadOnlySpan<byte> nguid);

    /// <param name="transforms">Encrypted only if there is a secret.</param>
    /// <param name="nguid">Identifier of the namespace, which its key depends on.</param>
    IPageCodec Create(PageTransforms transforms, ReadOnlySpan<byte> nguid);
}
