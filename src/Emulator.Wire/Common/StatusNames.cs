using System.Runtime.CompilerServices;

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

    public static string Of(int codeAndType)
    {
        // A process that has only received statuses has not initialised any.
        RuntimeHelpers.RunClassConstructor(typeof(Status).TypeHandle);
        return Names[codeAndType] ?? "Unknown Status";
    }
}
