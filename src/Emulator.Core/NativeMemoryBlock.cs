using System.Runtime.InteropServices;

namespace Emulator.Core;

/// <summary>
/// Zeroed memory outside the garbage collector's heap: page aligned, never moved, freed once. Bulk storage (flash
/// contents, mapping tables, data buffers) lives here so that a large drive costs the collector nothing.
/// </summary>
public sealed unsafe class NativeMemoryBlock : SafeHandle
{
    private const nuint PageBytes = 4096;

    public NativeMemoryBlock(long bytes)
        : base(0, ownsHandle: true)
    {
        Check.That(bytes > 0);
        Length = bytes;
        // Large zeroed requests come straight from the kernel and cost no memory until they are touched, unlike
        // aligned ones, which would have to be cleared here: so ask for a page more and align by hand.
        _allocation = (nint)NativeMemory.AllocZeroed((nuint)bytes + PageBytes);
        SetHandle((nint)(((nuint)_allocation + PageBytes - 1) & ~(PageBytes - 1)));
    }

    private readonly nint _allocation;

    public long Length { get; }

    public byte* Pointer => (byte*)handle;

    public override bool IsInvalid => handle == 0;

    public Span<byte> Slice(long offset, int length)
    {
        Check.That((ulong)offset <= (ulong)Length && length >= 0 && length <= Length - offset);
        return new Span<byte>(Pointer + offset, length);
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)_allocation);
        return true;
    }
}
