using Emulator.Core;

namespace Emulator.Flash.Profiles;

/// <summary>A link to the host that limits more than the rate of data, such as SATA.</summary>
public sealed record LinkProfile
{
    public const int MostCommands = 65_536;

    /// <summary>Commands that are outstanding at the link, 1 to <see cref="MostCommands"/>; others wait in the host.</summary>
    public required int Commands { get; init; }

    /// <summary>What each command takes of the link beside its data.</summary>
    public required SimDuration Command { get; init; }

    /// <summary>Whether data go one way at a time.</summary>
    public required bool IsHalfDuplex { get; init; }
}
