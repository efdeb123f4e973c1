namespace Emulator.Host.Configuration;

/// <summary>What a drive does as the source of a migration.</summary>
public sealed record MigrationSettings
{
    /// <summary>
    /// Directory of the logs of what the destination alone has; null for that of the medium, or for memory where there is none.
    /// </summary>
    public string? UpdateLog { get; init; }

    /// <summary>Null for memory.</summary>
    public string? DirectoryOf(MediumSettings? medium) => UpdateLog
        ?? (medium == null ? null : Path.GetDirectoryName(Path.GetFullPath(medium.Path)));
}
