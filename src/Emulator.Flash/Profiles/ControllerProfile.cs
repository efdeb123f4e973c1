using Emulator.Core;

namespace Emulator.Flash.Profiles;

/// <summary>What lies between the host and the medium of a device.</summary>
public sealed record ControllerProfile
{
    /// <summary>Fetching, decoding and completing a command.</summary>
    public required SimDuration Command { get; init; }

    /// <summary>What the link to the host carries in each direction.</summary>
    public required long LinkBytesPerSecond { get; init; }

    /// <summary>Null for a link like PCIe, which takes any number of commands and both directions at once.</summary>
    public LinkProfile? Link { get; init; }

    /// <summary>Least time from the beginning of a read to that of the next command; zero for no limit.</summary>
    public SimDuration ReadPace { get; init; }

    /// <summary>The same after a write.</summary>
    public SimDuration WritePace { get; init; }

    /// <summary>DRAM that buffers writes and keeps what is read, in bytes; 0 for none.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Whether what is in it is lost with the power.</summary>
    public required bool HasVolatileCache { get; init; }

    /// <summary>DRAM for the mapping table in bytes; 0 for all of it.</summary>
    public required long MappingCacheBytes { get; init; }

    /// <summary>Whether that keeps entries one by one rather than pages of the table.</summary>
    public required bool MappingCacheKeepsEntries { get; init; }

    /// <summary>Whether pages are read ahead of a host that reads in sequence.</summary>
    public required bool Prefetches { get; init; }

    /// <summary>Finding a page in DRAM.</summary>
    public required SimDuration DramAccess { get; init; }

    /// <summary>What DRAM carries.</summary>
    public required long DramBytesPerSecond { get; init; }
}
