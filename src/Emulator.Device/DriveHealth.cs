namespace Emulator.Device;

/// <summary>Life-time counters of the drive that SMART reports (Base 2.1, 5.1.12.1.3).</summary>
public sealed class DriveHealth
{
    /// <summary>Composite temperature in kelvins. Nothing heats a drive of software: it is as warm as a quiet one.</summary>
    public const int CompositeTemperature = 310;

    /// <summary>Errors recorded in the error logs of all controllers; numbers them, too.</summary>
    public ulong ErrorLogEntries { get; set; }

    /// <summary>Bytes that hosts read, by Read, Compare and Verify.</summary>
    public ulong BytesRead { get; set; }

    /// <summary>Bytes that hosts wrote with data, by Write and Copy.</summary>
    public ulong BytesWritten { get; set; }

    public ulong ReadCommands { get; set; }

    public ulong WriteCommands { get; set; }

    /// <summary>Blocks that could not be read back.</summary>
    public ulong MediaErrors { get; set; }
}
