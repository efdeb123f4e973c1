namespace Emulator.Flash;

/// <summary>
/// A medium cannot be used: it is foreign, damaged, of another version, or does not fit the drive. The message is for the
/// user, in one line, and says what to do.
/// </summary>
public sealed class MediumException(string message) : Exception(message)
{
    /// <summary>It is a medium, and what it holds is not whole.</summary>
    public bool IsDamage { get; init; }
}
