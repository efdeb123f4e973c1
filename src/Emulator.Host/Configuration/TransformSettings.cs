using Emulator.Ftl;

namespace Emulator.Host.Configuration;

/// <summary>What is done to the pages of a namespace on the way to the medium.</summary>
public record TransformSettings
{
    public CompressionKind Compression { get; init; }

    public bool Encryption { get; init; }

    /// <summary>Wrong bits that are corrected in each sector of 512 stored bytes; 0 for no code.</summary>
    public int Ecc { get; init; }

    public PageTransforms Transforms => new()
    {
        Compression = Compression,
        IsEncrypted = Encryption,
        CorrectedBits = Ecc,
    };
}
