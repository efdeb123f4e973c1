using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>
/// Makes the codecs of one drive and owns what they share: the secret, the compression methods, and the tables of the
/// codes. For one thread at a time, as the drive is.
/// </summary>
public sealed class PageCodecFactory : IPageCodecFactory
{
    private readonly DriveSecret? _secret;
    private readonly PageCompressors _compressors = new();
    private readonly Dictionary<int, PageEcc> _codes = [];

    /// <param name="secret">What keys derive from; the factory disposes of it. Null if nothing is encrypted.</param>
    public PageCodecFactory(DriveSecret? secret) => _secret = secret;

    /// <inheritdoc/>
    public UInt128 KeyIdentifierOf(ReadOnlySpan<byte> nguid)
    {
        using NamespaceKey? key = _secret?.KeyOf(nguid, generation: 0);
        return key?.Identifier ?? 0;
    }

    /// <inheritdoc/>
    /// <exception cref="LibraryMissingException">A library of the system is missing.</exception>
    public IPageCodec Create(PageTransforms transforms, ReadOnlySpan<byte> nguid)
    {
        Check.That(!transforms.IsEncrypted || _secret != null);
        // A namespace that does not encrypt now has a key all the same, for pages that it encrypted once.
        using NamespaceKey? key = _secret?.KeyOf(nguid, generation: 0);
        return new PageCodec(transforms, _compressors, key, CodeOf(transforms.CorrectedBits));
    }

    public void Dispose()
    {
        _secret?.Dispose();
        _compressors.Dispose();
        foreach (PageEcc code in _codes.Values)
            code.Dispose();
    }

    private PageEcc? CodeOf(int corrected)
    {
        if (corrected == 0)
            return null;
        if (!_codes.TryGetValue(corrected, out PageEcc? code))
            _codes.Add(corrected, code = new PageEcc(corrected));
        return code;
    }
}
