namespace Emulator.Wire;

/// <summary>
/// Namespace List (Base 2.1, 4.6.2): up to 1024 identifiers in ascending order, the rest zero. Identify lists and the
/// changed namespace log pages have this form.
/// </summary>
public static class NamespaceList
{
    public const int Size = 4096;
    public const int MaximumEntries = 1024;

    /// <summary>The only entry of a changed namespace list whose changes do not fit.</summary>
    public const uint TooManyChanged = 0xFFFF_FFFF;

    public static uint Entry(ReadOnlySpan<byte> list, int index) =>
        WireStruct.Read<U32Le>(list[(index * U32Le.Size)..]);

    public static void SetEntry(Span<byte> list, int index, uint namespaceId) =>
        WireStruct.As<U32Le>(list[(index * U32Le.Size)..]) = namespaceId;
}
