using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.Flash;

/// <summary>
/// What is stored beside a page, out of band: enough to rebuild the mapping by reading the medium alone. All zeroes in
/// a page that is erased.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 16)]
public readonly struct SpareArea
{
    private const int SequenceBits = 48;
    private const ulong AfterSnapshotBit = 1UL << 63;

    private readonly uint _logicalPage;
    private readonly ulong _sequenceAndForm;
    private readonly uint _checksum;

    /// <param name="logicalPage">The logical page, or <see cref="NoLogicalPage"/>.</param>
    /// <param name="sequence">1 to <see cref="LargestSequence"/>.</param>
    /// <param name="form">How the contents are stored.</param>
    /// <param name="checksum">As <see cref="Checked"/> computes it, 0 where the medium keeps no checksums.</param>
    public SpareArea(uint logicalPage, ulong sequence, StoredForm form, uint checksum = 0)
    {
        _logicalPage = logicalPage;
        _sequenceAndForm = sequence | ((ulong)form.Value << SequenceBits);
        _checksum = checksum;
    }

    /// <summary>A page that only fills up a program operation.</summary>
    public const uint NoLogicalPage = uint.MaxValue;

    /// <summary>
    /// With a logical page: what a snapshot held was moved here. The page is not, and never becomes, the current one; on a
    /// drive with snapshots there are fewer logical pages than this.
    /// </summary>
    public const uint KeptCopy = 1u << 31;

    /// <summary>A drive that programs a million pages in a second reaches it after nine years.</summary>
    public const ulong LargestSequence = (1UL << SequenceBits) - 1;

    /// <summary>The logical page whose contents the page holds.</summary>
    public uint LogicalPage => _logicalPage;

    /// <summary>Counts programs of the whole medium: of two pages for one logical page the higher is the current.</summary>
    public ulong Sequence => _sequenceAndForm & LargestSequence;

    public StoredForm Form => new((ushort)((_sequenceAndForm & ~AfterSnapshotBit) >> SequenceBits));

    /// <summary>
    /// The page was written after the latest snapshot of its volume, which keeps what was there before; so was a copy of
    /// it that was moved before the next snapshot.
    /// </summary>
    public bool IsAfterSnapshot => (_sequenceAndForm & AfterSnapshotBit) != 0;

    public uint Checksum => _checksum;

    public bool IsProgrammed => _sequenceAndForm != 0;

    /// <summary>
    /// A spare area of a medium that persists: its checksum is the CRC-32C of the stored page, exclusive or that of the
    /// spare area's other bytes, so that damage to either shows.
    /// </summary>
    /// <param name="dataChecksum">CRC-32C of the stored page, <see cref="DataChecksum"/> of a page that is moved.</param>
    public static SpareArea Checked(uint logicalPage, ulong sequence, StoredForm form, uint dataChecksum)
    {
        var bare = new SpareArea(logicalPage, sequence, form);
        return new SpareArea(logicalPage, sequence, form, dataChecksum ^ bare.OwnChecksum());
    }

    /// <summary>CRC-32C that the stored page has, if both it and the spare area are undamaged.</summary>
    public uint DataChecksum => _checksum ^ OwnChecksum();

    private uint OwnChecksum()
    {
        const int covered = 12;
        return Crc32C.Compute(MemoryMarshal.AsBytes(new ReadOnlySpan<SpareArea>(in this))[..covered]);
    }
}
