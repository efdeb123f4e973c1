using System.Runtime.InteropServices;

namespace Emulator.Flash;

/// <summary>
/// What is stored beside a page, out of band: enough to rebuild the mapping by reading the medium alone.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 16)]
public readonly struct SpareArea(uint logicalPage, ulong sequence)
{
    /// <summary>The logical page whose contents the page holds.</summary>
    public readonly uint LogicalPage = logicalPage;

    /// <summary>Counts programs of the whole medium: of two pages for one logical page the higher is the current.</summary>
    public readonly ulong Sequence = sequence;

    private readonly uint _reserved;
}
