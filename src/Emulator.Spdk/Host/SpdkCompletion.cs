using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>How a command ended: struct spdk_nvme_cpl, as far as it tells.</summary>
/// <param name="Dw0">Dword 0.</param>
/// <param name="Status">The status field.</param>
public readonly record struct SpdkCompletion(uint Dw0, Status Status);

/// <summary>
/// A command that is outstanding, with the buffer that it holds. One is used again and again, so that the path of a command
/// allocates nothing; it belongs to one queue.
/// </summary>
public sealed unsafe class SpdkCall : IDisposable
{
    private readonly GCHandle _self;
    private SpdkBuffer? _buffer;
    private Action<SpdkCompletion>? _completed;

    public SpdkCall() => _self = GCHandle.Alloc(this);

    /// <summary>Whether a command was submitted with this and has not ended.</summary>
    public bool IsOutstanding { get; private set; }

    /// <summary>How the last command ended.</summary>
    public SpdkCompletion Completion { get; private set; }

    internal static delegate* unmanaged[Cdecl]<void*, uint, uint, void> Callback => &OnCompleted;

    /// <summary>Only when nothing is outstanding: SPDK has a pointer to this until then.</summary>
    public void Dispose()
    {
        if (IsOutstanding)
            throw new InvalidOperationException("A command is outstanding.");
        if (_self.IsAllocated)
            _self.Free();
    }

    /// <summary>Takes the buffer for a command that is about to be submitted.</summary>
    /// <returns>The context of its callback.</returns>
    internal void* Begin(SpdkBuffer? buffer, Action<SpdkCompletion>? completed)
    {
        if (IsOutstanding)
            throw new InvalidOperationException("A command is outstanding.");
        bool added = false;
        buffer?.DangerousAddRef(ref added);
        _buffer = buffer;
        _completed = completed;
        IsOutstanding = true;
        return (void*)GCHandle.ToIntPtr(_self);
    }

    /// <summary>The command was not submitted.</summary>
    internal void Cancel()
    {
        IsOutstanding = false;
        Release();
    }

    private void Release()
    {
        _buffer?.DangerousRelease();
        _buffer = null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCompleted(void* context, uint dw0, uint status)
    {
        var call = (SpdkCall)GCHandle.FromIntPtr((nint)context).Target!;
        call.Completion = new SpdkCompletion(dw0, new Status((ushort)status));
        call.IsOutstanding = false;
        call.Release();
        Action<SpdkCompletion>? completed = call._completed;
        call._completed = null;
        try
        {
            completed?.Invoke(call.Completion);
        }
        catch (Exception e)
        {
            Environment.FailFast("a callback of a command failed within SPDK", e);
        }
    }
}
