using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;

namespace Emulator.Spdk;

/// <summary>
/// SPDK's NVMe-oF target with a device of ours behind it. It belongs to the thread of the <see cref="SpdkApplication"/>, on
/// which everything about it happens: connections, commands, and what is due.
/// </summary>
public sealed unsafe partial class SpdkTarget : IDisposable
{
    private readonly ISpdkDevice _device;
    private readonly GCHandle _self;
    private TaskCompletionSource<(nint Target, int Error, string? Step)> _done = NewSource();
    private nint _target;
    private bool _disposed;

    private SpdkTarget(ISpdkDevice device)
    {
        _device = device;
        _self = GCHandle.Alloc(this);
    }

    /// <summary>Makes a target and has it serve; returns when it does. From any thread but the application's.</summary>
    /// <exception cref="SpdkException">It cannot be made; the message says at what, and what was made is gone again.</exception>
    public static SpdkTarget Create(SpdkTargetOptions options, ISpdkDevice device)
    {
        SpdkLibrary.Require();
        if (SpdkPreflight.Problem(options.Listeners) is { } problem)
            throw new SpdkException(problem);
        var target = new SpdkTarget(device);
        try
        {
            target.Make(options);
        }
        catch
        {
            target._disposed = true;
            target._self.Free();
            throw;
        }

        return target;
    }

    /// <summary>Commands that reached the device, those of them whose data was not in one piece, and queues.</summary>
    /// <remarks>On the thread of the application.</remarks>
    public (ulong Commands, ulong Staged, ulong Connections) Counters
    {
        get
        {
            SpdkNative.GetCounters(_target, out TargetCounters counters);
            return (counters.Commands, counters.Staged, counters.Connections);
        }
    }

    /// <summary>Gives a pending command its outcome. On the thread of the application, and not within the call that submitted it.</summary>
    public static void Complete(nint request, in SpdkOutcome outcome)
    {
        NativeOutcome native = outcome.ToNative();
        SpdkNative.CompleteRequest(request, &native);
    }

    /// <summary>Has a connection closed, soon (spdk_nvmf_qpair_disconnect). On the thread of the application.</summary>
    public void Close(ulong connection)
    {
        if (_target != 0)
            SpdkNative.CloseConnection(_target, connection);
    }

    /// <summary>Whether a subsystem has a controller of that number: connected, connecting or on its way out. On the thread of the application.</summary>
    public bool HasController(string subsystem, ushort controllerId)
    {
        using var strings = new NativeStrings();
        return _target != 0 && SpdkNative.HasController(_target, strings.Add(subsystem), controllerId);
    }

    /// <summary>What SPDK keeps of a controller itself (spdk_nvmf_ctrlr_save_migr_data); null when it is gone. On the thread of the application.</summary>
    internal ControllerSettings? SettingsOf(ulong connection) =>
        _target != 0 && SpdkNative.GetSettings(_target, connection, out ControllerSettings settings) == 0 ? settings : null;

    /// <summary>Closes every connection and unmakes the target; returns when it is gone. From any thread but the application's.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _done = NewSource();
        int error = SpdkNative.DestroyTarget(_target, &OnDone, (void*)GCHandle.ToIntPtr(_self));
        if (error == 0)
            _done.Task.GetAwaiter().GetResult();
        _self.Free();
    }

    private static TaskCompletionSource<(nint Target, int Error, string? Step)> NewSource() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Make(SpdkTargetOptions options)
    {
        using var native = new NativeTargetOptions(options, Functions());
        SpdkLog.Forget();
        int error = SpdkNative.CreateTarget(native.Pointer, &OnDone, (void*)GCHandle.ToIntPtr(_self));
        if (error != 0)
            throw new SpdkException("SPDK makes no target", error);
        (_, int failure, string? step) = _done.Task.GetAwaiter().GetResult();
        if (SpdkPreflight.Explain(failure, options.Listeners) is { } meaning)
            throw new SpdkException(meaning);
        if (failure != 0)
        {
            string reason = SpdkLog.LastErrors is { Length: > 0 } lines ? $" ({lines})" : "";
            throw new SpdkException($"SPDK cannot make {step} of {options.Name}, {string.Join(", ", options.Listeners)}{reason}", failure);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDone(void* context, nint target, int error, byte* step)
    {
        SpdkTarget self = Of(context);
        // Before whoever waits goes on: commands come from now on.
        self._target = target;
        if (target != 0)
            self._device.Started(self);
        self._done.SetResult((target, error, Marshal.PtrToStringUTF8((nint)step)));
    }

    private static SpdkTarget Of(void* context) => (SpdkTarget)GCHandle.FromIntPtr((nint)context).Target!;
}
