namespace Emulator.Ftl;

/// <summary>What a namespace does to the pages that it writes; the default is nothing.</summary>
public readonly record struct PageTransforms
{
    public CompressionKind Compression { get; init; }

    /// <summary>XTS-AES-256 with a key of the namespace.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Wrong bits that the code beside the page corrects in each sector of 512 bytes; 0 for no code.</summary>
    public int CorrectedBits { get; init; }

    public bool IsNone => this == default;
}
