namespace Emulator.Host.Configuration;

/// <summary>By which door a listener serves, and over what.</summary>
public enum ListenerTransport
{
    /// <summary>NVMe/TCP by the drive itself.</summary>
    Tcp,

    /// <summary>NVMe/TCP by SPDK's target.</summary>
    Spdk,

    /// <summary>NVMe/RDMA by SPDK's target.</summary>
    SpdkRdma,

    /// <summary>A PCIe function for a VM by SPDK's target.</summary>
    SpdkVfioUser,
}

/// <summary>The names of the transports.</summary>
public static class ListenerTransportText
{
    /// <exception cref="FormatException">There is no such transport.</exception>
    public static ListenerTransport Parse(string text) => text switch
    {
        "tcp" => ListenerTransport.Tcp,
        "spdk" or "spdk-tcp" => ListenerTransport.Spdk,
        "spdk-rdma" => ListenerTransport.SpdkRdma,
        "spdk-vfio-user" => ListenerTransport.SpdkVfioUser,
        _ => throw new FormatException($"'{text}' is no transport; there are tcp, spdk, spdk-rdma and spdk-vfio-user"),
    };
}
