using System.Runtime.InteropServices;

namespace Emulator.SimulationTests;

/// <summary>
/// What is in a block: a number that no other write has, in every eight bytes in another way, so that a block made of two
/// writes is no block at all.
/// </summary>
internal static class BlockContents
{
    /// <summary>What was never written, or was trimmed.</summary>
    public const long Zero = 0;

    /// <summary>The block cannot be read.</summary>
    public const long Unreadable = -1;

    /// <summary>Contents that nobody wrote.</summary>
    public const long Garbage = -2;

    private const ulong Stride = 0x9E37_79B9_7F4A_7C15;

    public static void Write(long version, Span<byte> block)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        for (int i = 0; i < words.Length; i++)
            words[i] = version == Zero ? 0 : (ulong)version ^ ((ulong)i * Stride);
    }

    public static long Read(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        long version = (long)words[0];
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != (version == Zero ? 0 : (ulong)version ^ ((ulong)i * Stride)))
                return Garbage;
        }

        return version;
    }
}
