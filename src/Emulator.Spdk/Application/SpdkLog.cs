using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Emulator.Spdk;

/// <summary>Passes SPDK's log on (spdk_log_open). Lines come on any thread of SPDK's.</summary>
internal sealed unsafe class SpdkLog : IDisposable
{
    private const int ErrorsKept = 3;

    private readonly ILogger _log;
    private static readonly ConcurrentQueue<string> Errors = new();
    private readonly GCHandle _self;

    public SpdkLog(ILogger log)
    {
        _log = log;
        _self = GCHandle.Alloc(this);
    }

    public void* Context => (void*)GCHandle.ToIntPtr(_self);

    /// <summary>The errors of late, the oldest first: why something did not start.</summary>
    public static string LastErrors => string.Join("; ", Errors);

    /// <summary>Something is about to be tried, and errors from before have nothing to do with it.</summary>
    public static void Forget() => Errors.Clear();

    /// <summary>The level of a line of SPDK's: 0 error, 1 warning, 2 notice, 3 information, 4 debug.</summary>
    internal static LogLevel LevelOf(uint level) => level switch
    {
        0 => LogLevel.Error,
        1 => LogLevel.Warning,
        2 or 3 => LogLevel.Debug,
        _ => LogLevel.Trace,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnLine(void* context, uint level, byte* text)
    {
        try
        {
            ((SpdkLog)GCHandle.FromIntPtr((nint)context).Target!).Write(level, Marshal.PtrToStringUTF8((nint)text) ?? "");
        }
        catch (Exception)
        {
            // A log that fails must not take SPDK's thread with it.
        }
    }

    /// <summary>
    /// The handle stays: SPDK keeps its log function until the process ends, and a destructor of a library may still write.
    /// </summary>
    public void Dispose() => Forget();

    private void Write(uint level, string text)
    {
        if (level == 0)
        {
            Errors.Enqueue(text);
            while (Errors.Count > ErrorsKept)
                Errors.TryDequeue(out _);
        }

        _log.Log(LevelOf(level), "SPDK: {Line}", text);
    }
}
