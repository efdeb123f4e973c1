using Emulator.Spdk;

namespace Emulator.Host.Configuration;

/// <summary>SPDK's environment, for listeners that are SPDK's.</summary>
public sealed record SpdkSettings
{
    /// <summary>As -m of SPDK's programs: a mask or a list. The first core is that of the drives.</summary>
    public string Cores { get; init; } = "0x1";

    /// <summary>Memory for DPDK.</summary>
    public ByteSize Memory { get; init; } = new((long)SpdkOptions.DefaultMemoryMib << 20);

    /// <summary>Whether that memory is huge pages, which have to be reserved before.</summary>
    public bool HugePages { get; init; }

    /// <summary>A path for SPDK's JSON-RPC; null for none.</summary>
    public string? RpcSocket { get; init; }

    internal SpdkOptions ToOptions() => new()
    {
        CoreMask = Cores,
        MemoryMib = (int)(Memory.Bytes >> 20),
        UseHugePages = HugePages,
        RpcSocket = RpcSocket,
    };
}
