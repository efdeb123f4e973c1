namespace Emulator.Wire;

/// <summary>
/// Names of statuses, filled in as the members of <see cref="Status"/> are initialised. A code that NVM commands and
/// Fabrics commands use in different senses has both names.
/// </summary>
internal static class StatusNames
{
    private static readonly string?[] Names = new string?[0x800];

    public static void Add(int codeAndType, string name) =>
        Names[codeAndType] = Names[codeAndType] is { } first ? $"{first} / {name}" : name;

    public static string Of(int codeAndType) => Names[codeAndType] ?? "Unknown Status";
}
