using System.Runtime.InteropServices;

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

    /// <summary>How often the drive was switched on.</summary>
    public ulong PowerCycles { get; private set; }

    /// <summary>How often the power went without a shutdown.</summary>
    public ulong UnexpectedPowerLosses { get; private set; }

    /// <summary>The drive is switched on.</summary>
    public void PoweredOn(bool afterLoss)
    {
        PowerCycles++;
        UnexpectedPowerLosses += afterLoss ? 1u : 0;
    }

    internal void WriteTo(ref MetadataWriter writer)
    {
        ReadOnlySpan<ulong> counters =
        [
            ErrorLogEntries, BytesRead, BytesWritten, ReadCommands, WriteCommands, MediaErrors, PowerCycles, UnexpectedPowerLosses,
        ];
        writer.Bytes(MetadataTag.Health, MemoryMarshal.AsBytes(counters));
    }

    internal void ReadFrom(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> counters = MemoryMarshal.Cast<byte, ulong>(bytes);
        if (counters.Length != 8)
            throw MetadataReader.Damaged($"{counters.Length} counters");
        ErrorLogEntries = counters[0];
        BytesRead = counters[1];
        BytesWritten = counters[2];
        ReadCommands = counters[3];
        WriteCommands = counters[4];
        MediaErrors = counters[5];
        PowerCycles = counters[6];
        UnexpectedPowerLosses = counters[7];
    }
}
