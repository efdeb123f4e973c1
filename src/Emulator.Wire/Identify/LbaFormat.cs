using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>LBA Format (NVM Command Set 1.2, 4.1.5.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = LbaFormat.Size)]
public struct LbaFormat
{
    public const int Size = 4;

    /// <summary>Metadata bytes per logical block.</summary>
    [FieldOffset(0)] public U16Le Ms;

    /// <summary>Base-two logarithm of the logical block size.</summary>
    [FieldOffset(2)] public byte Lbads;

    /// <summary>Relative performance in bits 1:0, 0 the best.</summary>
    [FieldOffset(3)] public byte Rp;
}

/// <summary>The LBA formats of a namespace, of which 16 can be used without LBAFEE.</summary>
[InlineArray(Count)]
public struct LbaFormats
{
    public const int Count = 64;
    public const int Size = Count * LbaFormat.Size;

    private LbaFormat _first;
}
