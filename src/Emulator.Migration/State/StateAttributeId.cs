using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>What tells an attribute of a storage state from every other.</summary>
/// <param name="Type">An attribute of the section.</param>
/// <param name="Key">Which of several of the type.</param>
public readonly record struct StateAttributeId(StateSectionType Section, ushort Type, ulong Key)
    : IComparable<StateAttributeId>
{
    public StateAttributeId(InterfaceAttribute type, ulong key)
        : this(StateSectionType.Interface, (ushort)type, key)
    {
    }

    public StateAttributeId(TransportAttribute type, ulong key)
        : this(StateSectionType.Transport, (ushort)type, key)
    {
    }

    public StateAttributeId(ActivityAttribute type, ulong key)
        : this(StateSectionType.IoActivity, (ushort)type, key)
    {
    }

    public StateAttributeId(TranslationAttribute type, ulong key)
        : this(StateSectionType.Translation, (ushort)type, key)
    {
    }

    /// <summary>The key of what there is of each namespace and each part of it, or each feature and part of it.</summary>
    public static ulong KeyOf(uint nsid, uint part) => ((ulong)nsid << 32) | part;

    /// <summary>Upper half of a key of <see cref="KeyOf"/>.</summary>
    public uint Nsid => (uint)(Key >> 32);

    /// <summary>Lower half of a key of <see cref="KeyOf"/>.</summary>
    public uint Part => (uint)Key;

    public int CompareTo(StateAttributeId other) =>
        (Section, Type, Key).CompareTo((other.Section, other.Type, other.Key));

    public static bool operator <(StateAttributeId left, StateAttributeId right) => left.CompareTo(right) < 0;

    public static bool operator <=(StateAttributeId left, StateAttributeId right) => left.CompareTo(right) <= 0;

    public static bool operator >(StateAttributeId left, StateAttributeId right) => left.CompareTo(right) > 0;

    public static bool operator >=(StateAttributeId left, StateAttributeId right) => left.CompareTo(right) >= 0;
}
