using Emulator.Core;

namespace Emulator.Ftl.Persistence;

/// <summary>How a translation layer uses a medium that persists.</summary>
public sealed record PersistenceOptions
{
    /// <summary>What to call the medium in a message.</summary>
    public string Name { get; init; } = "the medium";

    /// <summary>How long a write to the system area takes.</summary>
    public SimDuration WriteTime { get; init; }

    /// <summary>Steps to leave out; for tests alone.</summary>
    public FtlDefects Defects { get; init; }
}
