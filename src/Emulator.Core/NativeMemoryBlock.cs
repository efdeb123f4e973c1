using System.Runtime.InteropServices;

namespace Emulator.Core;

/// <summary>
/// Zeroed memory outside the garbage collector's heap: page aligned, never moved, freed once. Bulk storage (flash
/// contents, mapping tables, data buffers) lives here so that a large drive costs the collector nothing. A large block
/// asks for huge pages: reads at random addresses would otherwise miss the translation cache every time.
/// </summary>
public sealed unsafe partial class NativeMemoryBlock : SafeHandle
{
    private const nuint PageBytes = 4096;
    private const nuint HugePageBytes = 2 << 20;
    private const int AdviseHugePages = 14;
    private const int AdvisePopulateForWriting = 23;
    private const int InvalidArgument = 22;

    private readonly nint _allocation;

    public NativeMemoryBlock(long bytes)
        : base(0, ownsHandle: true)
    {
        Check.That(bytes > 0);
        Length = bytes;
        // Large zeroed requests come straight from the kernel and cost no memory until they are touched, unlike
        // aligned ones, which would have to be cleared here: so ask for more and align by hand.
        bool isLarge = (nuint)bytes >= 2 * HugePageBytes;
        nuint alignment = isLarge ? HugePageBytes : PageBytes;
        _allocation = (nint)NativeMemory.AllocZeroed((nuint)bytes + alignment);
        SetHandle((nint)(((nuint)_allocation + alignment - 1) & ~(alignment - 1)));
        if (isLarge && OperatingSystem.IsLinux())
            _ = Advise(Pointer, (nuint)bytes & ~(HugePageBytes - 1), AdviseHugePages);
    }

    public long Length { get; }

    public byte* Pointer => (byte*)handle;

    public override bool IsInvalid => handle == 0;

    public Span<byte> Slice(long offset, int length)
    {
        Check.That((ulong)offset <= (ulong)Length && length >= 0 && length <= Length - offset);
        return new Span<byte>(Pointer + offset, length);
    }

    /// <summary>
    /// Takes all of the memory from the system now, which it otherwise gives when a page is touched first. What was written stays.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">The system does not have it.</exception>
    public void Populate()
    {
        bool isDone = OperatingSystem.IsLinux() && Advise(Pointer, (nuint)Length, AdvisePopulateForWriting) == 0;
        if (isDone)
            return;
        if (OperatingSystem.IsLinux() && Marshal.GetLastSystemError() != InvalidArgument)
            throw new InsufficientMemoryException();

        // Linux before 5.14, or not Linux.
        for (long at = 0; at < Length; at += (long)PageBytes)
            Volatile.Write(ref Pointer[at], Volatile.Read(ref Pointer[at]));
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)_allocation);
        return true;
    }

    /// <summary>madvise. That there are no huge pages is of no interest: without them all works, slower.</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
