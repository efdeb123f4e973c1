using System.Globalization;

namespace Emulator.Host.Serving;

/// <summary>What is left of the memory that this process may use.</summary>
internal static class MachineMemory
{
    private const string Field = "MemAvailable:";

    /// <summary>
    /// Bytes: what the kernel takes for available without swapping (proc_meminfo(5), MemAvailable), and at most what a control group
    /// leaves to the process. When more is touched the kernel ends a process, whichever it likes, and there is no error to report.
    /// </summary>
    public static long Available
    {
        get
        {
            long most = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            if (!OperatingSystem.IsLinux())
                return most;
            string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line == null ? most : Math.Min(most, long.Parse(line.AsSpan(Field.Length).Trim(" kB"), CultureInfo.InvariantCulture) * 1024);
        }
    }
}
