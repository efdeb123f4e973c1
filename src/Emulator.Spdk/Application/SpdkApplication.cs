using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;
using Microsoft.Extensions.Logging;

namespace Emulator.Spdk;

/// <summary>
/// SPDK's application framework (spdk_app_start), on a thread of its own, which the framework binds to the first core of the
/// mask. It can be started once in the life of a process.
/// </summary>
public sealed unsafe class SpdkApplication : IDisposable
{
    private const string StartFailed = "SPDK does not start";

    private readonly SpdkOptions _options;
    private readonly SpdkLog _log;
    private readonly Thread _thread;
    private readonly GCHandle _self;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _result;
    private bool _disposed;

    private SpdkApplication(SpdkOptions options, ILogger log)
    {
        _options = options;
        _log = new SpdkLog(log);
        _self = GCHandle.Alloc(this);
        _thread = new Thread(Run) { Name = "spdk", IsBackground = true };
    }

    /// <summary>What keeps SPDK from being used in this process at all, and what to do; null if nothing does.</summary>
    public static string? Problem => SpdkLibrary.Problem;

    /// <summary>The release of SPDK that the shim was built with.</summary>
    /// <exception cref="SpdkException">SPDK cannot be used.</exception>
    public static string SpdkVersion
    {
        get
        {
            SpdkLibrary.Require();
            return Marshal.PtrToStringUTF8((nint)SpdkNative.GetSpdkVersion())!;
        }
    }

    /// <summary>Starts the framework and waits until it runs (spdk_app_start).</summary>
    /// <param name="log">Gets SPDK's log, from whichever thread writes it.</param>
    /// <exception cref="SpdkException">It cannot be started; the message says what to do.</exception>
    public static SpdkApplication Start(SpdkOptions options, ILogger log)
    {
        SpdkLibrary.Require();
        if (SpdkPreflight.Problem(options) is { } problem)
            throw new SpdkException(problem);
        var application = new SpdkApplication(options, log);
        application._thread.Start();
        try
        {
            application._started.Task.GetAwaiter().GetResult();
        }
        catch
        {
            application.Dispose();
            throw;
        }

        return application;
    }

    /// <summary>Has something done on the thread of the application (spdk_thread_send_msg). It must not throw.</summary>
    /// <exception cref="SpdkException">The application does not run any more.</exception>
    public static void Post(Action action)
    {
        GCHandle handle = GCHandle.Alloc(action);
        int error = SpdkNative.Post(&OnPosted, (void*)GCHandle.ToIntPtr(handle));
        if (error == 0)
            return;
        handle.Free();
        throw new SpdkException("SPDK does not take a message", error);
    }

    /// <summary>Stops the framework (spdk_app_stop, spdk_app_fini) and waits for its thread. Targets have to be gone.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ = SpdkNative.StopApp();
        _thread.Join();
        _self.Free();
        _log.Dispose();
    }

    private void Run()
    {
        using var strings = new NativeStrings();
        AppOptions options = new()
        {
            Size = (uint)sizeof(AppOptions),
            MemoryMib = (uint)_options.MemoryMib,
            Name = strings.Add(_options.Name),
            CoreMask = strings.Add(_options.CoreMask),
            RpcSocket = strings.Add(_options.RpcSocket),
            Config = strings.Add(_options.Config),
            Log = &SpdkLog.OnLine,
            LogContext = _log.Context,
            Started = &OnStarted,
            Context = (void*)GCHandle.ToIntPtr(_self),
            NoHugePages = _options.UseHugePages ? (byte)0 : (byte)1,
        };
        _result = SpdkNative.RunApp(&options);
        if (!_started.Task.IsCompleted)
            _started.SetException(StartProblem());
    }

    private SpdkException StartProblem()
    {
        if (_result == -Already)
            return new SpdkException($"{StartFailed}: it has run in this process before, and can be started only once");
        string lines = SpdkLog.LastErrors;
        return new SpdkException(lines.Length > 0 ? $"{StartFailed}: {lines}" : $"{StartFailed}: {SpdkException.Describe(_result)}");
    }

    /// <summary>EALREADY.</summary>
    private const int Already = 114;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnStarted(void* context) =>
        ((SpdkApplication)GCHandle.FromIntPtr((nint)context).Target!)._started.TrySetResult();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPosted(void* context)
    {
        GCHandle handle = GCHandle.FromIntPtr((nint)context);
        var action = (Action)handle.Target!;
        handle.Free();
        try
        {
            action();
        }
        catch (Exception e)
        {
            // Nothing may pass through SPDK's frames, and nobody is left who could be told.
            Environment.FailFast("an action on SPDK's thread failed", e);
        }
    }
}
