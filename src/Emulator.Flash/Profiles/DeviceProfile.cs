using Emulator.Flash.Rotating;

namespace Emulator.Flash.Profiles;

/// <summary>
/// What kind of device a drive is to be: a solid-state drive with its flash, or a rotating disk. A profile says how
/// fast and how reliable the medium is and how it is laid out; how large it is, the capacity of the drive says.
/// </summary>
public sealed record DeviceProfile
{
    /// <summary>The name by which it was asked for.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people.</summary>
    public required string Description { get; init; }

    public required ControllerProfile Controller { get; init; }

    /// <summary>Null for a device whose pages have their places for good: a disk or an array.</summary>
    public FlashProfile? Flash { get; init; }

    /// <summary>Null for anything but a rotating disk.</summary>
    public RotatingDiskOptions? Disk { get; init; }

    /// <summary>Null for anything but an array.</summary>
    public ArrayProfile? Array { get; init; }

    /// <summary>Writes wear it, as they do an SSD; null for an array of which nobody says what it is of.</summary>
    public bool? Wears => Flash != null ? true : Disk != null ? false : Array?.Wears;

    /// <summary>The names of the profiles that are built in.</summary>
    public static IReadOnlyList<string> Names => ProfileFiles.Names;

    /// <summary>A built-in profile; null when there is none of this name.</summary>
    public static DeviceProfile? Find(string name) =>
        ProfileFiles.Read(name) is { } text ? Parse(name, text) : null;

    /// <summary>Reads a profile from the text of a file (JSON, specs/profiles.md).</summary>
    /// <param name="name">The name of the file, for errors and as the profile's name.</param>
    /// <exception cref="FormatException">Something is missing, absurd or unknown; the message names file and
    /// key.</exception>
    public static DeviceProfile Parse(string name, string text) => ProfileReader.Read(name, text);
}
