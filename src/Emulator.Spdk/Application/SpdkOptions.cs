namespace Emulator.Spdk;

/// <summary>How SPDK's environment is set up: spdk_app_opts and spdk_env_opts.</summary>
public sealed record SpdkOptions
{
    /// <summary>Memory of DPDK without huge pages, in MiB, if nothing else is said.</summary>
    public const int DefaultMemoryMib = 512;

    /// <summary>The process's name for DPDK.</summary>
    public string Name { get; init; } = $"emulator-{Environment.ProcessId}";

    /// <summary>Cores of the reactors: a hexadecimal mask or a list, as -m of SPDK's programs: "0x1", "[0,2-3]".</summary>
    public string CoreMask { get; init; } = "0x1";

    /// <summary>Memory for DPDK in MiB; it holds the buffers of the transports.</summary>
    public int MemoryMib { get; init; } = DefaultMemoryMib;

    /// <summary>Whether that memory is huge pages; else it is ordinary memory, which needs no preparation and no right.</summary>
    public bool UseHugePages { get; init; }

    /// <summary>A path for SPDK's JSON-RPC server (rpc.py, spdk_top); null for none.</summary>
    public string? RpcSocket { get; init; }

    /// <summary>SPDK's JSON configuration, the text itself; null for none.</summary>
    public string? Config { get; init; }
}
