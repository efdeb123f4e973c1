namespace Emulator.Ftl;

/// <summary>How pages are compressed. The values are stored with every compressed page.</summary>
public enum CompressionKind : byte
{
    None = 0,
    Lz4 = 1,
    Zstd = 2,
}
