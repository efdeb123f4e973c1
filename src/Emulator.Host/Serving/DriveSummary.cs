using System.Text.Json;
using Emulator.Device;
using Emulator.Ftl;
using Emulator.Simulation.Reports;

namespace Emulator.Host.Serving;

/// <summary>What a drive did from start to end, as serve writes it to the file of --summary.</summary>
internal sealed record DriveSummary
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Subsystem { get; init; }

    public required ulong ReadCommands { get; init; }

    public required ulong WriteCommands { get; init; }

    public required ulong BytesRead { get; init; }

    public required ulong BytesWritten { get; init; }

    public required double WriteAmplification { get; init; }

    public required long SuperblocksErased { get; init; }

    /// <summary>What the translation layer counts: fields of <see cref="FtlCounters"/>.</summary>
    public required IReadOnlyDictionary<string, long> Ftl { get; init; }

    /// <summary>How often superblocks were erased; null for a disk.</summary>
    public required EraseDistribution? Wear { get; init; }

    public required CacheSummary Cache { get; init; }

    /// <summary>What was done to the pages of namespaces that have transforms.</summary>
    public required IReadOnlyList<TransformSummary> Transforms { get; init; }

    /// <summary>Managed memory that the reactor of the drive allocated, in bytes; drives of one reactor tell the same.</summary>
    public required long ReactorAllocatedBytes { get; init; }

    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string file, IEnumerable<ServedGroup> groups)
    {
        IEnumerable<DriveSummary> drives = from served in groups from drive in served.Drives select Of(drive, served);
        try
        {
            File.WriteAllText(file, JsonSerializer.Serialize(drives, Json) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the summary cannot be written: {e.Message}");
        }
    }

    private static DriveSummary Of(Drive drive, ServedGroup group) => new()
    {
        Subsystem = drive.Nqn,
        ReadCommands = drive.Health.ReadCommands,
        WriteCommands = drive.Health.WriteCommands,
        BytesRead = drive.Health.BytesRead,
        BytesWritten = drive.Health.BytesWritten,
        WriteAmplification = drive.FtlCounters.WriteAmplification,
        SuperblocksErased = drive.FtlCounters.SuperblocksErased,
        Ftl = SimulationReport.CountersOf(drive.FtlCounters),
        Wear = drive.Wear(),
        Cache = CacheSummary.Of(drive.CacheCounters),
        Transforms = [.. from ns in drive.Namespaces.All where ns.Transform != null select TransformSummary.Of(ns)],
        ReactorAllocatedBytes = group.AllocatedBytes,
    };
}
