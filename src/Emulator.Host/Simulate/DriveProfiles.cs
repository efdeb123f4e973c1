using Emulator.Device;
using Emulator.Host.Configuration;

namespace Emulator.Host.Simulate;

/// <summary>The drives that can be simulated by name.</summary>
public static class DriveProfiles
{
    public const string Default = "none";

    public static IReadOnlyList<string> Names { get; } = [Default];

    /// <summary>Whether operations of the drive take time.</summary>
    public static bool HasTiming(string profile) => profile != Default;

    /// <summary>The drive of a profile, with what the command line says otherwise.</summary>
    /// <param name="settings">What else is known of the drive.</param>
    /// <exception cref="UserErrorException">There is no such profile.</exception>
    public static DriveOptions Apply(string profile, DriveSettings settings)
    {
        if (profile == Default)
            return settings.ToOptions();
        string? near = Spelling.Nearest(profile, Names);
        throw new UserErrorException(
            $"--profile: there is no profile '{profile}'; "
            + (near == null ? $"profiles are {string.Join(", ", Names)}" : $"did you mean '{near}'?"));
    }
}
