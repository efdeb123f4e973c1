namespace Emulator.Flash;

/// <summary>
/// In what form a page lies on the medium, 16 bits of its spare area: how many bytes were stored, and what was done to
/// them.
/// <para>
/// Bits 0-11: stored bytes minus one. Bit 12: compressed. Bit 13: encrypted. Bit 14: error-correcting code beside it.
/// Bit 15: only in a spare area, see <see cref="SpareArea.IsAfterSnapshot"/>.
/// </para>
/// </summary>
public readonly record struct StoredForm(ushort Value)
{
    private const ushort LengthMask = 0x0FFF;
    private const ushort CompressedBit = 1 << 12;
    private const ushort EncryptedBit = 1 << 13;
    private const ushort EccBit = 1 << 14;
    private const ushort ReservedBits = 1 << 15;

    /// <summary>A whole page as the host wrote it.</summary>
    public static readonly StoredForm Plain = new(FlashGeometry.PageBytes - 1);

    /// <param name="length">1 to <see cref="FlashGeometry.PageBytes"/>.</param>
    public StoredForm(int length, bool isCompressed, bool isEncrypted, bool hasEcc)
        : this((ushort)(((length - 1) & LengthMask)
            | (isCompressed ? CompressedBit : 0) | (isEncrypted ? EncryptedBit : 0) | (hasEcc ? EccBit : 0)))
    {
    }

    /// <summary>Bytes of the page that mean something, 1 to <see cref="FlashGeometry.PageBytes"/>.</summary>
    public int Length => (Value & LengthMask) + 1;

    public bool IsCompressed => (Value & CompressedBit) != 0;

    public bool IsEncrypted => (Value & EncryptedBit) != 0;

    public bool HasEcc => (Value & EccBit) != 0;

    /// <summary>For the spare area of a page that is written after a snapshot.</summary>
    public StoredForm MarkedAfterSnapshot() => new((ushort)(Value | ReservedBits));

    /// <summary>Whether it says nothing that this version does not know.</summary>
    public bool IsKnown => (Value & ReservedBits) == 0;
}
