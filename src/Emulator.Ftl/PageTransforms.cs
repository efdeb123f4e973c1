namespace Emulator.Ftl;

/// <summary>What a namespace does to the pages that it writes; the default is nothing.</summary>
public readonly record struct PageTransforms
{
    public CompressionKind Compression { get; init; }

    /// <summary>XTS-AES-256 with a key of the namespace.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Wrong bits that the code beside the page corrects in each sector of 512 bytes; 0 for no code.</summary>
    public int CorrectedBits { get; init; }

    /// <summary>The most that <see cref="CorrectedBits"/> can be.</summary>
    public const int MostCorrectedBits = 40;

    /// <summary>
    /// Bytes of parity that a page needs beside it: a CRC-32C, and 13 bits for each bit that is corrected, once for the CRC
    /// and once for each sector.
    /// </summary>
    public int ParityBytes => CorrectedBits == 0 ? 0 : sizeof(uint) + (9 * (((13 * CorrectedBits) + 7) / 8));

    public bool IsNone => this == default;
}
