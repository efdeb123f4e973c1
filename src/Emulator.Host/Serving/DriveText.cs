using System.Globalization;
using System.Net;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Host.Configuration;

namespace Emulator.Host.Serving;

/// <summary>Drives and addresses in words.</summary>
public static class DriveText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Describe(DriveOptions drive)
    {
        string[] blocks = [.. drive.Namespaces.Select(ns => ns.BlockBytes).Distinct().Order().Select(bytes => $"{bytes}")];
        string namespaces = drive.Namespaces.Count == 1 ? "1 namespace" : $"{drive.Namespaces.Count} namespaces";
        return $"{drive.SubsystemNqn}: serial {drive.SerialNumber}, {new ByteSize(drive.CapacityBytes)}, {namespaces}"
            + (blocks.Length == 0 ? "" : $" with blocks of {string.Join(" and ", blocks)} bytes")
            + $", controllers {drive.FirstControllerId}-{drive.LastControllerId}"
            + Describe(drive.Profile, drive.Timing);
    }

    private static string Describe(DeviceProfile? profile, DriveTiming timing) => profile == null
        ? ""
        : $", profile {profile.Name} ({profile.Description}) with {(timing == DriveTiming.Model ? "its timing" : "no timing")}";

    /// <summary>What to type on a host to connect it.</summary>
    public static string ConnectCommand(ServedListener listener, string nqn)
    {
        IPAddress address = listener.Advertised ?? listener.EndPoint.Address;
        bool isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        return $"nvme connect -t tcp -a {(isAny ? "ADDRESS" : address)} -s {listener.EndPoint.Port} -n {nqn}";
    }

    /// <summary>A number of bytes to a decimal place.</summary>
    public static string Rounded(ulong bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
            value /= 1024;
        return value.ToString(unit == 0 ? "F0" : "F1", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
