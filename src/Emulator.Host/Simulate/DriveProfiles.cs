using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Host.Configuration;

namespace Emulator.Host.Simulate;

/// <summary>The drives that can be simulated by name.</summary>
public static class DriveProfiles
{
    /// <summary>No profile, or the one of the configuration file.</summary>
    public const string Default = "none";

    public static IReadOnlyList<string> Names { get; } = [Default, .. DeviceProfile.Names];

    /// <summary>The drive of a profile, with what the command line says otherwise.</summary>
    /// <param name="settings">What else is known of the drive.</param>
    /// <param name="option">The option that named it.</param>
    /// <exception cref="UserErrorException">There is no such profile.</exception>
    public static DriveOptions Apply(string profile, DriveSettings settings, string option = "--profile")
    {
        if (profile == Default)
            return settings.ToOptions();
        try
        {
            return (settings with { Profile = ProfileText.Parse(profile) }).ToOptions();
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"{option}: {e.Message}");
        }
    }
}
