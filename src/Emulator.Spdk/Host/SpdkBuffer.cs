using System.Runtime.InteropServices;
using Emulator.Spdk.Interop;

namespace Emulator.Spdk;

/// <summary>Memory that devices may read and write (spdk_zmalloc), zeroed at first.</summary>
public sealed unsafe class SpdkBuffer : SafeHandle
{
    /// <param name="length">In bytes, above 0.</param>
    /// <param name="alignment">In bytes, a power of two.</param>
    /// <exception cref="SpdkException">There is no memory.</exception>
    public SpdkBuffer(int length, int alignment = 4096)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        SpdkLibrary.Require();
        Length = length;
        SetHandle((nint)SpdkNative.AllocateDma((ulong)length, (ulong)alignment));
        if (IsInvalid)
            throw new SpdkException($"SPDK has no memory for a buffer of {length} bytes");
    }

    public int Length { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>The bytes. Not while a command has the buffer, and not after it is disposed.</summary>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, Length);
        }
    }

    internal void* Pointer => (void*)handle;

    protected override bool ReleaseHandle()
    {
        SpdkNative.FreeDma((void*)handle);
        return true;
    }
}
