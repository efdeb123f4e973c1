using Emulator.Device;

namespace Emulator.Host.Configuration;

/// <summary>The names of the kinds of timing.</summary>
public static class DriveTimingText
{
    /// <exception cref="FormatException">There is no such kind.</exception>
    public static DriveTiming Parse(string text) => text switch
    {
        "none" => DriveTiming.None,
        "model" => DriveTiming.Model,
        _ => throw new FormatException($"'{text}' is no timing; there are none and model"),
    };
}
