using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>Which sections of a storage state; bits 0-3 of the Log Specific Parameter select them like this.</summary>
[Flags]
public enum StateSections : byte
{
    None = 0,
    Transport = 1 << 0,
    Interface = 1 << 1,
    IoActivity = 1 << 2,
    Translation = 1 << 3,
    All = Transport | Interface | IoActivity | Translation,
}

/// <summary>Sections one by one.</summary>
public static class StateSectionsExtensions
{
    /// <summary>Version of every section that is written, and the newest that is understood.</summary>
    public const ushort SectionVersion = 1;

    public static StateSections ToFlag(this StateSectionType section) => (StateSections)(1 << ((int)section - 1));

    public static bool IsKnown(this StateSectionType section) =>
        section is >= StateSectionType.Transport and <= StateSectionType.Translation;
}
