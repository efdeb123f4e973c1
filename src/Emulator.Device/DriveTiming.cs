namespace Emulator.Device;

/// <summary>Whether operations of the medium take time.</summary>
public enum DriveTiming
{
    /// <summary>Everything is done at once.</summary>
    None,

    /// <summary>Operations take what the profile says.</summary>
    Model,
}
