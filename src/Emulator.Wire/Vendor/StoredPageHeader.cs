using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Before each page in the data of Read Stored Pages, opcode C6h of the vendor command set. The page's bytes follow, then
/// its parity, then zeroes up to a multiple of <see cref="Alignment"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StoredPageHeader.Size)]
public struct StoredPageHeader
{
    public const int Size = 64;

    /// <summary>Every header begins at a multiple of this many bytes from the beginning of the data.</summary>
    public const int Alignment = 8;

    /// <summary>Page of 4 KiB of the namespace; also the number of the cipher's data unit.</summary>
    [FieldOffset(0)] public U64Le Page;

    /// <summary>Pages that the header is about: 1, or more if they are deallocated.</summary>
    [FieldOffset(8)] public U32Le Pages;

    /// <summary>Bits 11:0 bytes less one, 12 compressed, 13 encrypted, 14 with a code.</summary>
    [FieldOffset(12)] public U16Le Form;

    /// <summary>See <see cref="StoredPageFlags"/>.</summary>
    [FieldOffset(14)] public U16Le Flags;

    /// <summary>Bytes of the page that follow.</summary>
    [FieldOffset(16)] public U32Le Length;

    /// <summary>Bytes of parity that follow these.</summary>
    [FieldOffset(20)] public U32Le ParityLength;

    /// <summary>CRC-32C of both.</summary>
    [FieldOffset(24)] public U32Le Crc;
    [FieldOffset(28)] public Bytes4 Reserved28;

    /// <summary>Which key the page is encrypted with; zero if it is not.</summary>
    [FieldOffset(32)] public Bytes16 KeyIdentifier;
    [FieldOffset(48)] public Bytes16 Reserved48;
}

/// <summary>What is to be said of a page in the data of Read Stored Pages.</summary>
[Flags]
public enum StoredPageFlags : ushort
{
    None = 0,

    /// <summary>Deallocated: it reads as zeroes, and nothing follows.</summary>
    Deallocated = 1 << 0,

    /// <summary>It cannot be read, or a host has said that it cannot, and nothing follows.</summary>
    Unreadable = 1 << 1,
}
