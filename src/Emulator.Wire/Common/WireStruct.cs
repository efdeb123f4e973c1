using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Views of byte buffers as the structures of this project. A buffer shorter than the structure throws: lengths that
/// come from a host are checked before, so a short buffer here is an error of the caller.
/// </summary>
public static class WireStruct
{
    public static ref T As<T>(Span<byte> buffer)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(buffer);

    public static ref readonly T Read<T>(ReadOnlySpan<byte> buffer)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(buffer);

    public static void Write<T>(Span<byte> buffer, in T value)
        where T : unmanaged => MemoryMarshal.Write(buffer, in value);

    /// <summary>The bytes of a structure, in place.</summary>
    public static Span<byte> Bytes<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref value));
}
