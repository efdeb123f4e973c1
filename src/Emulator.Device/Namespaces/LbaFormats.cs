namespace Emulator.Device;

/// <summary>Index of an LBA format (FLBAS bits 3:0).</summary>
public enum LbaFormatIndex : byte
{
    Bytes4096 = 0,
    Bytes512 = 1,
}

/// <summary>The LBA formats that every namespace can have, none with metadata.</summary>
public static class LbaFormats
{
    public const int Count = 2;

    public static int BlockShift(LbaFormatIndex format) => format == LbaFormatIndex.Bytes512 ? 9 : 12;

    public static bool TryFromBlockBytes(int blockBytes, out LbaFormatIndex format)
    {
        format = blockBytes == 512 ? LbaFormatIndex.Bytes512 : LbaFormatIndex.Bytes4096;
        return blockBytes is 512 or 4096;
    }
}
