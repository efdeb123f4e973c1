using System.Globalization;

namespace Emulator.Spdk;

/// <summary>
/// What SPDK would fail at, said before it is tried: DPDK can be started once in a process, and tells the reason for a failure
/// to its own log alone.
/// </summary>
internal static class SpdkPreflight
{
    private const int MostCores = 1024;
    private const int LeastMemoryMib = 256;

    /// <summary>EPROTONOSUPPORT.</summary>
    private const int ProtocolNotSupported = 93;

    /// <summary>What is wrong with the options on this machine, and what to do; null if nothing is known to be.</summary>
    public static string? Problem(SpdkOptions options) => Problem(
        options, OnlineCores(), options.UseHugePages ? FreeHugePagesMib() : 0);

    internal static string? Problem(SpdkOptions options, IReadOnlySet<int> online, long freeHugeMib)
    {
        if (TryParseCores(options.CoreMask) is not { Count: > 0 } cores)
        {
            return $"core mask '{options.CoreMask}' names no core: give a hexadecimal mask such as 0x1, or a list such as [0,2-3]";
        }

        int[] absent = [.. cores.Where(core => !online.Contains(core)).Order()];
        if (absent.Length > 0)
        {
            return $"core mask '{options.CoreMask}' names core {absent[0]}, which this process cannot run on; "
                + $"it has {string.Join(", ", online.Order())}";
        }

        if (options.MemoryMib < LeastMemoryMib)
            return $"SPDK needs at least {LeastMemoryMib} MiB of memory for its buffers, and {options.MemoryMib} are offered";
        if (options.UseHugePages && freeHugeMib < options.MemoryMib)
        {
            return $"SPDK is to have {options.MemoryMib} MiB in huge pages, and {freeHugeMib} MiB are free: reserve some "
                + $"(sysctl vm.nr_hugepages={(options.MemoryMib + 1) / 2} for pages of 2 MiB), or leave the option away to use ordinary memory";
        }

        return null;
    }

    /// <summary>What a listener needs of the machine and is not there; null if nothing is known to be missing.</summary>
    public static string? Problem(IEnumerable<SpdkListener> listeners) => Problem(listeners, HasRdmaDevice());

    internal static string? Problem(IEnumerable<SpdkListener> listeners, bool hasRdmaDevice) =>
        hasRdmaDevice || listeners.All(listener => listener.Transport != SpdkTransport.Rdma)
            ? null
            : "this machine has no RDMA device (/sys/class/infiniband names none): load the driver of its adapter, or make one in "
            + "software (modprobe rdma_rxe; rdma link add rxe0 type rxe netdev NAME), or serve NVMe/TCP";

    /// <summary>What a failure to make a target means that is about its transports; null if it is about something else.</summary>
    internal static string? Explain(int failure, IEnumerable<SpdkListener> listeners)
    {
        if (failure != -ProtocolNotSupported)
            return null;
        SpdkTransport[] optional = [.. listeners.Select(listener => listener.Transport).Where(t => t != SpdkTransport.Tcp).Distinct()];
        return string.Join("; ", optional.Select(transport => transport == SpdkTransport.Rdma
            ? "the installed SPDK is built without RDMA: build it with --with-rdma, or serve NVMe/TCP"
            : "the installed SPDK is built without vfio-user: build it with --with-vfio-user, or serve NVMe/TCP"));
    }

    /// <summary>Cores of a hexadecimal mask or a list in brackets; null if it is neither.</summary>
    internal static IReadOnlySet<int>? TryParseCores(string text)
    {
        if (text.StartsWith('[') && text.EndsWith(']'))
            return ParseList(text[1..^1]);
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        var cores = new HashSet<int>();
        if (digits.IsEmpty || digits.Length > MostCores / 4)
            return null;
        for (int i = 0; i < digits.Length; i++)
        {
            if (!int.TryParse(digits.Slice(digits.Length - 1 - i, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int nibble))
                return null;
            for (int bit = 0; bit < 4; bit++)
            {
                if ((nibble >> bit & 1) != 0)
                    cores.Add((4 * i) + bit);
            }
        }

        return cores;
    }

    private static HashSet<int>? ParseList(string list)
    {
        var cores = new HashSet<int>();
        foreach (string part in list.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2
                || !TryParseCore(ends[0], out int first)
                || !TryParseCore(ends[^1], out int last)
                || last < first)
            {
                return null;
            }

            cores.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return cores;
    }

    private static bool TryParseCore(string text, out int core) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out core) && core < MostCores;

    /// <summary>Cores that this process may run on, as the kernel lists them.</summary>
    private static HashSet<int> OnlineCores()
    {
        try
        {
            string? line = File.ReadLines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
            if (line != null && ParseList(line.Split(':')[1].Trim()) is { } allowed)
                return allowed;
        }
        catch (IOException)
        {
            // Without /proc the number of cores has to do.
        }

        return [.. Enumerable.Range(0, Environment.ProcessorCount)];
    }

    private static long FreeHugePagesMib()
    {
        const string root = "/sys/kernel/mm/hugepages";
        if (!Directory.Exists(root))
            return 0;
        long kib = 0;
        foreach (string directory in Directory.GetDirectories(root))
        {
            string size = Path.GetFileName(directory)["hugepages-".Length..].Replace("kB", "", StringComparison.Ordinal);
            string free = File.ReadAllText(Path.Combine(directory, "free_hugepages")).Trim();
            kib += long.Parse(size, CultureInfo.InvariantCulture) * long.Parse(free, CultureInfo.InvariantCulture);
        }

        return kib / 1024;
    }

    private static bool HasRdmaDevice()
    {
        const string devices = "/sys/class/infiniband";
        return Directory.Exists(devices) && Directory.EnumerateFileSystemEntries(devices).Any();
    }
}
