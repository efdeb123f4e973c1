using Emulator.Core;

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
}

/// <summary>What became of a read.</summary>
/// <param name="Done">When the data is there.</param>
/// <param name="IsSuccess">False if some of the blocks cannot be read.</param>
public readonly record struct CopyRead(SimTime Done, bool IsSuccess);
