using System.Net;

namespace Emulator.Spdk;

/// <summary>A transport of SPDK's NVMe-oF target.</summary>
public enum SpdkTransport
{
    /// <summary>NVMe over TCP.</summary>
    Tcp,

    /// <summary>NVMe over RDMA; SPDK has to be built with it.</summary>
    Rdma,

    /// <summary>A PCIe function in a VM, by vfio-user; SPDK has to be built with it.</summary>
    VfioUser,
}

/// <summary>Where a target listens.</summary>
/// <param name="Transport">By which transport.</param>
/// <param name="Address">An IP address; for vfio-user the directory of the socket.</param>
/// <param name="Port">Ignored for vfio-user. Not 0: SPDK does not tell which it took.</param>
public sealed record SpdkListener(SpdkTransport Transport, string Address, int Port)
{
    private const string DeviceNqn = "nqn.2026-11.io.emulator:vfio-user:";
    private const int LongestNqn = 223;

    /// <summary>
    /// The host NQN of the VM that has a vfio-user device, which does not say who it is; the drive knows it by this name. Null
    /// for one made of the directory.
    /// </summary>
    public string? HostNqn { get; init; }

    public SpdkListener(SpdkTransport transport, IPEndPoint endPoint)
        : this(transport, endPoint.Address.ToString(), endPoint.Port)
    {
    }

    /// <summary>The name of the VM of a vfio-user device.</summary>
    internal string VmNqn => HostNqn ?? DeviceNqn + Address[Math.Max(0, Address.Length - LongestNqn + DeviceNqn.Length)..];

    public override string ToString() => Transport == SpdkTransport.VfioUser ? $"vfio-user {Address}" : $"{NameOf(Transport)} {Address}:{Port}";

    /// <summary>SPDK's name of a transport.</summary>
    internal static string NameOf(SpdkTransport transport) => transport switch
    {
        SpdkTransport.Tcp => "TCP",
        SpdkTransport.Rdma => "RDMA",
        _ => "VFIOUSER",
    };
}

/// <summary>A namespace of a subsystem: struct spdk_nvmf_ns_opts and the block device behind it.</summary>
public sealed record SpdkNamespaceOptions
{
    public required uint Nsid { get; init; }

    public required ulong Blocks { get; init; }

    public required int BlockBytes { get; init; }

    /// <summary>16 bytes; zeros for none.</summary>
    public byte[] Nguid { get; init; } = new byte[16];

    /// <summary>8 bytes; zeros for none.</summary>
    public byte[] Eui64 { get; init; } = new byte[8];

    /// <summary>16 bytes; zeros for none.</summary>
    public byte[] Uuid { get; init; } = new byte[16];
}

/// <summary>A subsystem of a target (spdk_nvmf_subsystem_create).</summary>
public sealed record SpdkSubsystemOptions
{
    public required string Nqn { get; init; }

    public required string Serial { get; init; }

    public required string Model { get; init; }

    /// <summary>CNTLID that SPDK gives out, from 1 (spdk_nvmf_subsystem_set_cntlid_range).</summary>
    public ushort FirstControllerId { get; init; } = 1;

    public ushort LastControllerId { get; init; } = 0xFFEF;

    public required IReadOnlyList<SpdkNamespaceOptions> Namespaces { get; init; }
}

/// <summary>What a target serves, and where (spdk_nvmf_tgt_create and struct spdk_nvmf_transport_opts).</summary>
public sealed record SpdkTargetOptions
{
    /// <summary>Of the target and its block devices; one of a kind in the process.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<SpdkSubsystemOptions> Subsystems { get; init; }

    public required IReadOnlyList<SpdkListener> Listeners { get; init; }

    /// <summary>The longest transfer of a command, in bytes, a power of two.</summary>
    public int MaxTransferBytes { get; init; } = 128 * 1024;

    /// <summary>Data that a capsule may carry, in bytes.</summary>
    public int InCapsuleDataBytes { get; init; } = 8192;

    /// <summary>Entries of an I/O queue.</summary>
    public int MaxQueueEntries { get; init; } = 128;

    public int MaxIoQueues { get; init; } = 16;
}
