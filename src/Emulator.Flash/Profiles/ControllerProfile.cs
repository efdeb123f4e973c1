using Emulator.Core;

namespace Emulator.Flash.Profiles;

/// <summary>What lies between the host and the medium of a device.</summary>
public sealed record ControllerProfile
{
    /// <summary>Fetching, decoding and completing a command.</summary>
    public required SimDuration Command { get; init; }

    /// <summary>What the link to the host carries in each direction.</summary>
    public required long LinkBytesPerSecond { get; init; }
}
