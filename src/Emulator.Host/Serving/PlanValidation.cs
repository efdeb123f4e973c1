using System.Net;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Host.Configuration;

namespace Emulator.Host.Serving;

/// <summary>Something wrong with settings, and the key under which it is.</summary>
public readonly record struct SettingsProblem(string Where, string What);

/// <summary>Says what is impossible about settings that are well-formed.</summary>
public static class PlanValidation
{
    /// <summary>Of a socket named "cntrl", whose path has room for 108 bytes with a zero behind it.</summary>
    private const int LongestSocketDirectory = 108 - 1 - 6;

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public static SettingsProblem? Problem(EmulatorSettings settings)
    {
        if (settings.Drives.Count == 0)
            return new SettingsProblem("drives", "there is no drive to serve");
        if (settings.Listeners.Count == 0)
            return new SettingsProblem("listeners", "there is no address to serve at");
        return DrivesProblem(settings.Drives)
            ?? ListenersProblem(settings)
            ?? DiscoveryProblem(settings);
    }

    private static SettingsProblem? DrivesProblem(IReadOnlyList<DriveSettings> drives)
    {
        for (int i = 0; i < drives.Count; i++)
        {
            string where = $"drives[{i}]";
            if (DriveOptionsValidation.Problem(drives[i].ToOptions()) is { } problem)
                return new SettingsProblem(where, problem);
            if (MemoryProblem(drives, i) is { } memory)
                return new SettingsProblem(where, memory);
            if (SecretProblem(drives[i]) is { } secret)
                return new SettingsProblem(where, secret);
            if (drives[i].Faults.Select(fault => fault.Problem(drives[i])).FirstOrDefault(problem => problem != null) is { } fault)
                return new SettingsProblem(where, fault);
            if (HostNames(drives[i]).FirstOrDefault(nqn => !IsNqn(nqn)) is { } name)
                return new SettingsProblem(where, $"host '{name}' is not an NVMe Qualified Name (nqn.yyyy-mm.domain:name)");
            for (int j = 0; j < i; j++)
            {
                if (Conflict(drives[j], drives[i]) is { } conflict)
                    return new SettingsProblem(where, $"{conflict} as drives[{j}]");
            }
        }

        return null;
    }

    /// <summary>What is wrong with the secret of a drive, or with there being none; null when nothing is.</summary>
    internal static string? SecretProblem(DriveSettings drive)
    {
        if (drive.Secret?.Problem() is { } problem)
            return problem;
        return drive.Secret == null && (drive.CreatedNamespaces.Encryption || drive.Namespaces.Any(ns => ns.Encryption))
            ? "encryption needs a 'secret' that the keys derive from"
            : null;
    }

    /// <summary>What is wrong with drives[i] taking its memory at the start, the drives before it having taken theirs.</summary>
    private static string? MemoryProblem(IReadOnlyList<DriveSettings> drives, int i)
    {
        if (!drives[i].Preallocate)
            return null;
        if (drives[i].Medium is { } medium)
            return $"'preallocate' is about memory, and the drive is in the file '{medium.Path}'";
        long available = MachineMemory.Available - drives.Take(i).Where(drive => drive.Preallocate).Sum(MemoryOf);
        long needed = MemoryOf(drives[i]);
        return needed > available
            ? $"'preallocate' is to take {InMebibytes(needed)} of memory, and {InMebibytes(Math.Max(available, 0))} are available"
            : null;
    }

    /// <summary>Bytes of a drive's pages and of its cache, beside which all else is little.</summary>
    private static long MemoryOf(DriveSettings drive)
    {
        DriveOptions options = drive.ToOptions();
        return options.EffectiveGeometry().Bytes + ((long)options.Cache.Lines * FlashGeometry.PageBytes);
    }

    private static ByteSize InMebibytes(long bytes) => new(bytes & -(1L << 20));

    private static IEnumerable<string> HostNames(DriveSettings drive) =>
        drive.Hosts.Concat(drive.Managers).Concat(drive.Namespaces.SelectMany(ns => ns.Hosts));

    private static bool IsNqn(string name) => name.StartsWith("nqn.", StringComparison.Ordinal) && name.Length <= 223;

    private static string? Conflict(DriveSettings one, DriveSettings other)
    {
        if (one.Serial == other.Serial)
            return $"has the same serial '{one.Serial}'";
        if (one.Medium != null && other.Medium != null && Path.GetFullPath(one.Medium.Path) == Path.GetFullPath(other.Medium.Path))
            return $"has the same medium '{one.Medium.Path}'";
        if (one.Subsystem == other.Subsystem && one.ControllerIds.Overlaps(other.ControllerIds))
            return $"is of the same subsystem with some of the same controllerIds ({one.ControllerIds}, {other.ControllerIds})";
        return null;
    }

    private static SettingsProblem? ListenersProblem(EmulatorSettings settings)
    {
        var endPoints = new HashSet<IPEndPoint>();
        for (int i = 0; i < settings.Listeners.Count; i++)
        {
            ListenerSettings listener = settings.Listeners[i];
            var endPoint = new IPEndPoint(listener.Address, Math.Clamp(listener.Port, 0, IPEndPoint.MaxPort));
            string? problem = PortProblem(listener.Port) ?? ServedProblem(listener, settings.Drives) ?? TransportProblem(listener);
            if (problem == null && listener.Port != 0 && listener.Directory == null && !endPoints.Add(endPoint))
                problem = $"{endPoint} is there twice";
            problem ??= SharingProblem(settings, i);
            if (problem != null)
                return new SettingsProblem($"listeners[{i}]", problem);
        }

        return UnservedProblem(settings);
    }

    private static string? PortProblem(int port) =>
        port is >= 0 and <= IPEndPoint.MaxPort ? null : $"port {port} must be 0 to {IPEndPoint.MaxPort}";

    private static string? TransportProblem(ListenerSettings listener)
    {
        if (listener.Transport == ListenerTransport.SpdkVfioUser)
            return DeviceProblem(listener);
        if (listener.Directory != null)
            return "only a vfio-user device has a 'directory'";
        if (listener.Host != null)
            return "only a vfio-user device has a 'host'; others say who they are";
        return listener.Transport != ListenerTransport.Tcp && listener.Port == 0 ? "SPDK takes no port 0: name one" : null;
    }

    private static string? DeviceProblem(ListenerSettings listener)
    {
        if (string.IsNullOrEmpty(listener.Directory))
            return "a vfio-user device needs a 'directory' for its socket";
        if (System.Text.Encoding.UTF8.GetByteCount(listener.Directory) > LongestSocketDirectory)
            return $"directory '{listener.Directory}' is too long for the path of a socket ({LongestSocketDirectory} bytes)";
        return listener.Host is { } host && !IsNqn(host)
            ? $"host '{host}' is not an NVMe Qualified Name (nqn.yyyy-mm.domain:name)"
            : null;
    }

    private static string? ServedProblem(ListenerSettings listener, IReadOnlyList<DriveSettings> drives)
    {
        if (listener.Drives is { Count: 0 })
            return "it serves no drive; leave the key 'drives' out to serve all";
        if (listener.Drives?.FirstOrDefault(serial => drives.All(drive => drive.Serial != serial)) is { } unknown)
        {
            string? near = Spelling.Nearest(unknown, drives.Select(drive => drive.Serial));
            return $"there is no drive with the serial '{unknown}'" + (near == null ? "" : $"; did you mean '{near}'?");
        }

        string? twice = drives
            .Where(drive => Serves(listener, drive))
            .GroupBy(drive => drive.Subsystem)
            .FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice == null
            ? null
            : $"several of its drives are of subsystem {twice}, which hosts could not tell apart at one address";
    }

    // Drives that share a connection share a thread, and every listener of that thread serves all of them.
    private static string? SharingProblem(EmulatorSettings settings, int index)
    {
        for (int i = 0; i < index; i++)
        {
            bool[] mine = [.. settings.Drives.Select(drive => Serves(settings.Listeners[index], drive))];
            bool[] other = [.. settings.Drives.Select(drive => Serves(settings.Listeners[i], drive))];
            if (mine.Zip(other).Any(pair => pair is (true, true)) && !mine.SequenceEqual(other))
                return $"it has some of its drives in common with listeners[{i}]; it must be all of them or none";
            bool isSpdks = settings.Listeners[index].Transport != ListenerTransport.Tcp;
            if (mine.Zip(other).Any(pair => pair is (true, true)) && isSpdks != (settings.Listeners[i].Transport != ListenerTransport.Tcp))
                return $"its drives are also those of listeners[{i}], by another door; one thread owns a drive, so that all have to be SPDK's or none";
        }

        return null;
    }

    private static SettingsProblem? UnservedProblem(EmulatorSettings settings)
    {
        for (int i = 0; i < settings.Drives.Count; i++)
        {
            if (!settings.Listeners.Any(listener => Serves(listener, settings.Drives[i])))
                return new SettingsProblem($"drives[{i}]", "no listener serves it");
        }

        return null;
    }

    private static SettingsProblem? DiscoveryProblem(EmulatorSettings settings)
    {
        if (settings.Discovery is not { } discovery)
            return null;
        string? problem = PortProblem(discovery.Port);
        bool isTaken = discovery.Port != 0
            && settings.Listeners.Any(l => l.Port == discovery.Port && l.Address.Equals(discovery.Address));
        if (problem == null && isTaken)
            problem = "a listener has the same address, and serves the discovery subsystem anyway";
        return problem == null ? null : new SettingsProblem("discovery", problem);
    }

    private static bool Serves(ListenerSettings listener, DriveSettings drive) =>
        listener.Drives?.Contains(drive.Serial) ?? true;
}
