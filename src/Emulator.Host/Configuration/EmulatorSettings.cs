using System.Net;
using Serilog.Events;

namespace Emulator.Host.Configuration;

/// <summary>
/// The configuration file: names and structure are those of the JSON text, in camel case. What is not written has the
/// default that stands here, so that an empty file is the default drive. Described in specs/configuration.md.
/// </summary>
public sealed record EmulatorSettings
{
    public IReadOnlyList<DriveSettings> Drives { get; init; } = [new()];

    public IReadOnlyList<ListenerSettings> Listeners { get; init; } = [new()];

    /// <summary>A further address that serves the discovery subsystem alone; none unless it is configured.</summary>
    public DiscoverySettings? Discovery { get; init; }

    public LogSettings Log { get; init; } = new();

    /// <summary>For listeners by SPDK.</summary>
    public SpdkSettings Spdk { get; init; } = new();

    /// <summary>The path of a JSON file that gets the counters of every drive when the process ends; none by default.</summary>
    public string? Summary { get; init; }
}

/// <summary>An address at which drives are served.</summary>
public sealed record ListenerSettings
{
    public const int DefaultPort = 4420;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public int Port { get; init; } = DefaultPort;

    /// <summary>The address that discovery tells hosts, where they reach this one by another; null for the same.</summary>
    public IPAddress? Advertise { get; init; }

    public ListenerTransport Transport { get; init; }

    /// <summary>Where the socket of a vfio-user device is made, in place of an address.</summary>
    public string? Directory { get; init; }

    /// <summary>The host NQN by which the drives know the VM of a vfio-user device; null for one made of the directory.</summary>
    public string? Host { get; init; }

    /// <summary>Serial numbers of the drives behind this address; null for all.</summary>
    public IReadOnlyList<string>? Drives { get; init; }
}

/// <summary>The address of a discovery service of its own (NVMe/TCP Transport 1.1, 3.1.1: port 8009).</summary>
public sealed record DiscoverySettings
{
    public const int DefaultPort = 8009;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public int Port { get; init; } = DefaultPort;

    /// <summary>As that of a listener.</summary>
    public IPAddress? Advertise { get; init; }
}

/// <summary>What is logged, and where to.</summary>
public sealed record LogSettings
{
    /// <summary>As a <see cref="File"/>: log to the console only.</summary>
    public const string NoFile = "none";

    public LogEventLevel Level { get; init; } = LogEventLevel.Information;

    public bool Console { get; init; } = true;

    /// <summary>The path of the log file, or <see cref="NoFile"/>; null for one below the user's state directory.</summary>
    public string? File { get; init; }
}
