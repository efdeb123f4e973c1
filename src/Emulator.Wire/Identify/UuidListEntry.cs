using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Entry of the UUID List (Base 2.1, 5.1.13.2.14, CNS 17h); entry 0 of the page is reserved, 1 to 127 are UUIDs.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = UuidListEntry.Size)]
public struct UuidListEntry
{
    public const int Size = 32;

    /// <summary>Association in bits 1:0: 0 none, 1 PCI vendor, 2 PCI subsystem vendor.</summary>
    [FieldOffset(0)] public byte Uleh;
    [FieldOffset(1)] public Bytes15 Reserved1;

    /// <summary>As RFC 4122 orders the bytes.</summary>
    [FieldOffset(16)] public Bytes16 Uuid;
}
