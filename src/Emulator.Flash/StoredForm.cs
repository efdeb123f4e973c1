namespace Emulator.Flash;

/// <summary>How the contents of a page are stored: 16 bits of its spare area.</summary>
/// <param name="Value">Bits 0-11 stored bytes less one, 12 compressed, 13 encrypted, 14 with a code of its own.</param>
public readonly record struct StoredForm(ushort Value)
{
    /// <summary>A whole page as the host wrote it.</summary>
    public static readonly StoredForm Plain = new(FlashGeometry.PageBytes - 1);

    /// <summary>Bytes of the page that mean something, 1 to 4096.</summary>
    public int Length => (Value & 0xFFF) + 1;
}
