namespace Emulator.Media;

/// <summary>What a medium in a file is opened for.</summary>
public enum MediumAccess
{
    /// <summary>To be read alone; several processes may.</summary>
    ReadOnly,

    /// <summary>What was flushed outlives the process, not the machine: nothing is synchronised with the disk.</summary>
    Unsynchronised,

    /// <summary>What was flushed outlives the machine.</summary>
    Durable,
}
