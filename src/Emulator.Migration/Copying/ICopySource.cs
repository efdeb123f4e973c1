using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>A namespace that is copied: what it holds, block by block.</summary>
public interface ICopySource : ITrackedNamespace
{
    /// <summary>It is there, attached to the VM, and has the blocks that it had when the copy began.</summary>
    bool IsAsBefore { get; }

    /// <summary>Reads blocks as a host would, with less claim to the drive than a host's commands have.</summary>
    /// <param name="startLba">First block.</param>
    /// <param name="blockCount">Blocks, all within the namespace.</param>
    /// <param name="destination">As long as they are.</param>
    CopyRead Read(SimTime now, ulong startLba, uint blockCount, Span<byte> destination);

    /// <summary>How its pages are stored, as Identify Namespace tells it.</summary>
    StoredFormSupport FormSupport { get; }

    /// <summary>
    /// Reads blocks as the data of Write Stored Pages: whole pages, as many as there is room for, up to one that cannot be
    /// read.
    /// </summary>
    /// <param name="startLba">First block, which begins a page.</param>
    /// <param name="blockCount">Blocks, whole pages but for the end of the namespace.</param>
    StoredRead ReadStored(SimTime now, ulong startLba, uint blockCount, Span<byte> destination);

    /// <summary>Adds the granules in which anything changed since a snapshot.</summary>
    /// <param name="granuleShift">Base-two logarithm of the bytes of a granule.</param>
    /// <returns>False if it is no snapshot of this namespace.</returns>
    bool TryAddChanges(SimTime now, ushort snapshot, TwoLevelBitmap granules, int granuleShift);

    /// <summary>The checksum of a range, of one moment, as log page D5h of the vendor command set has it.</summary>
    /// <param name="rangeShift">Base-two logarithm of the bytes of a range, at least 4096.</param>
    /// <param name="digest">32 bytes.</param>
    /// <returns>When everything for it was read.</returns>
    SimTime Checksum(SimTime now, ulong range, int rangeShift, Span<byte> digest);
}

/// <summary>What became of a read.</summary>
/// <param name="Done">When the data is there.</param>
/// <param name="IsSuccess">False if some of the blocks cannot be read.</param>
public readonly record struct CopyRead(SimTime Done, bool IsSuccess);

/// <summary>What was read in stored form.</summary>
/// <param name="Done">When the data is there.</param>
/// <param name="Blocks">Blocks that it is of; 0 if the first page cannot be read.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct StoredRead(SimTime Done, uint Blocks, int Length);
