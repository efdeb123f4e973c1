using System.Runtime.InteropServices;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// What a VM's counters in SMART / Health Information had come to elsewhere, beyond what this drive counts: a VM that was
/// moved here sees them go on. Differences may be negative, as numbers that wrap.
/// </summary>
internal readonly record struct HealthOffset(
    ulong BytesRead, ulong BytesWritten, ulong ReadCommands, ulong WriteCommands, ulong MediaErrors, ulong ErrorLogEntries)
{
    /// <summary>The offset by which the counters of a drive become others.</summary>
    public static HealthOffset Between(DriveHealth health, in HealthCounters wanted) => new(
        wanted.BytesRead - health.BytesRead,
        wanted.BytesWritten - health.BytesWritten,
        wanted.ReadCommands - health.ReadCommands,
        wanted.WriteCommands - health.WriteCommands,
        wanted.MediaErrors - health.MediaErrors,
        wanted.ErrorLogEntries - health.ErrorLogEntries);

    public HealthCounters Apply(DriveHealth health) => new()
    {
        BytesRead = health.BytesRead + BytesRead,
        BytesWritten = health.BytesWritten + BytesWritten,
        ReadCommands = health.ReadCommands + ReadCommands,
        WriteCommands = health.WriteCommands + WriteCommands,
        MediaErrors = health.MediaErrors + MediaErrors,
        ErrorLogEntries = health.ErrorLogEntries + ErrorLogEntries,
    };

    internal void WriteTo(ref MetadataWriter writer)
    {
        if (this == default)
            return;
        ReadOnlySpan<ulong> offsets = [BytesRead, BytesWritten, ReadCommands, WriteCommands, MediaErrors, ErrorLogEntries];
        writer.Bytes(MetadataTag.CounterOffsets, MemoryMarshal.AsBytes(offsets));
    }

    internal static HealthOffset ReadFrom(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> offsets = MemoryMarshal.Cast<byte, ulong>(bytes);
        return offsets.Length == 6
            ? new HealthOffset(offsets[0], offsets[1], offsets[2], offsets[3], offsets[4], offsets[5])
            : throw MetadataReader.Damaged($"{offsets.Length} offsets of counters");
    }
}
