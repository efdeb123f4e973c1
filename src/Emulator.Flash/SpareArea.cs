using System.Runtime.InteropServices;

namespace Emulator.Flash;

/// <summary>
/// What is stored beside a page, out of band: enough to rebuild the mapping by reading the medium alone. All zeroes in
/// a page that is erased.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 16)]
public readonly struct SpareArea
{
    private const int SequenceBits = 48;

    private readonly uint _logicalPage;
    private readonly ulong _sequenceAndForm;
    private readonly uint _checksum;

    /// <param name="logicalPage">The logical page, or <see cref="NoLogicalPage"/>.</param>
    /// <param name="sequence">1 to <see cref="LargestSequence"/>.</param>
    /// <param name="form">How the contents are stored.</param>
    /// <param name="checksum">CRC-32C of the stored page, 0 where the medium keeps no checksums.</param>
    public SpareArea(uint logicalPage, ulong sequence, StoredForm form, uint checksum = 0)
    {
        _logicalPage = logicalPage;
        _sequenceAndForm = sequence | ((ulong)form.Value << SequenceBits);
        _checksum = checksum;
    }

    /// <summary>A page that only fills up a program operation.</summary>
    public const uint NoLogicalPage = uint.MaxValue;

    /// <summary>A drive that programs a million pages in a second reaches it after nine years.</summary>
    public const ulong LargestSequence = (1UL << SequenceBits) - 1;

    /// <summary>The logical page whose contents the page holds.</summary>
    public uint LogicalPage => _logicalPage;

    /// <summary>Counts programs of the whole medium: of two pages for one logical page the higher is the current.</summary>
    public ulong Sequence => _sequenceAndForm & LargestSequence;

    public StoredForm Form => new((ushort)(_sequenceAndForm >> SequenceBits));

    public uint Checksum => _checksum;

    public bool IsProgrammed => _sequenceAndForm != 0;
}
