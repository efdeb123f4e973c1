using System.Diagnostics;

namespace Emulator.Host.Bench;

/// <summary>Which core this process runs on.</summary>
internal static class BenchCores
{
    /// <exception cref="UserErrorException">There is no such core.</exception>
    public static void Bind(int core)
    {
        if (core < 0 || core >= Math.Min(Environment.ProcessorCount, 63))
            throw new UserErrorException($"core {core}: this machine has cores 0 to {Environment.ProcessorCount - 1}");
        using var self = Process.GetCurrentProcess();
        if (OperatingSystem.IsLinux())
            self.ProcessorAffinity = (nint)(1L << core);
    }
}
