using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// How a namespace stores its pages, bytes 384 to 415 of Identify Namespace for whoever may manage it: two ends for which
/// these bytes are equal can take each other's pages in stored form.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StoredFormSupport.Size)]
public struct StoredFormSupport
{
    public const int Size = 32;

    /// <summary>"VMSF" as <see cref="Signature"/> reads.</summary>
    public const uint SignatureValue = 0x46534D56;

    /// <summary>ASCII VMSF; zero where pages cannot be written in stored form.</summary>
    [FieldOffset(0)] public U32Le Signature;

    /// <summary>1.</summary>
    [FieldOffset(4)] public byte Version;

    /// <summary>0 none, 1 LZ4, 2 Zstandard.</summary>
    [FieldOffset(5)] public byte Compression;

    /// <summary>Bit 0: pages are encrypted.</summary>
    [FieldOffset(6)] public byte Encryption;

    /// <summary>Wrong bits that the code beside a page corrects in each 512 bytes; 0 without a code.</summary>
    [FieldOffset(7)] public byte CorrectedBits;
    [FieldOffset(8)] public Bytes8 Reserved8;

    /// <summary>As in <see cref="StoredPageHeader"/>; zero unless pages are encrypted.</summary>
    [FieldOffset(16)] public Bytes16 KeyIdentifier;
}
