using Emulator.Spdk.Interop;
using Microsoft.Extensions.Logging;

namespace Emulator.Spdk;

/// <summary>SPDK's environment without the application framework: enough for a program that is an NVMe host and nothing else.</summary>
public static unsafe class SpdkEnvironment
{
    private static SpdkLog? _log;

    /// <summary>
    /// Sets the environment up (spdk_env_init), once in the life of a process and not beside <see cref="SpdkApplication"/>. The
    /// calling thread is bound to the first core of the mask.
    /// </summary>
    /// <exception cref="SpdkException">It cannot be set up; the message says what to do.</exception>
    public static void Initialize(SpdkOptions options, ILogger log)
    {
        SpdkLibrary.Require();
        if (SpdkPreflight.Problem(options) is { } problem)
            throw new SpdkException(problem);
        _log = new SpdkLog(log);
        using var strings = new NativeStrings();
        AppOptions native = new()
        {
            Size = (uint)sizeof(AppOptions),
            MemoryMib = (uint)options.MemoryMib,
            Name = strings.Add(options.Name),
            CoreMask = strings.Add(options.CoreMask),
            Log = &SpdkLog.OnLine,
            LogContext = _log.Context,
            NoHugePages = options.UseHugePages ? (byte)0 : (byte)1,
        };
        int error = SpdkNative.InitEnvironment(&native);
        if (error != 0)
            throw new SpdkException($"SPDK's environment cannot be set up; {SpdkLog.LastErrors}", error);
    }
}
