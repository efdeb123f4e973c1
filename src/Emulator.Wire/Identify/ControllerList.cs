namespace Emulator.Wire;

/// <summary>
/// Controller List (Base 2.1, 4.6.1): a 16-bit count, then that many controller identifiers in ascending order.
/// </summary>
public static class ControllerList
{
    public const int Size = 4096;
    public const int MaximumEntries = 2047;

    public static ushort Count(ReadOnlySpan<byte> list) => WireStruct.Read<U16Le>(list);

    public static ushort Entry(ReadOnlySpan<byte> list, int index) =>
        WireStruct.Read<U16Le>(list[((index + 1) * U16Le.Size)..]);

    /// <summary>
    /// Adds an identifier behind the last.
    /// </summary>
    /// <returns>False if the list is full.</returns>
    public static bool TryAppend(Span<byte> list, ushort controllerId)
    {
        ref U16Le count = ref WireStruct.As<U16Le>(list);
        if (count >= MaximumEntries || (count + 2) * U16Le.Size > list.Length)
            return false;
        WireStruct.As<U16Le>(list[((count + 1) * U16Le.Size)..]) = controllerId;
        count = (ushort)(count + 1);
        return true;
    }

    /// <summary>
    /// Whether a list that a host sent has a count that fits and identifiers that ascend.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> list)
    {
        if (list.Length < U16Le.Size)
            return false;
        int count = Count(list);
        if (count > MaximumEntries || (count + 1) * U16Le.Size > list.Length)
            return false;
        for (int i = 1; i < count; i++)
        {
            if (Entry(list, i) <= Entry(list, i - 1))
                return false;
        }

        return true;
    }
}
