namespace Emulator.Simulation.Migrations;

/// <summary>What the drives do for a migration; what they do not, the hypervisor does as well as it can by itself.</summary>
[Flags]
public enum MigrationAssist
{
    /// <summary>The hypervisor copies the whole capacity and notes itself what the VM writes, in chunks of 64 KiB.</summary>
    None = 0,

    /// <summary>The first pass copies what log page D4h says that the VM wrote in its life.</summary>
    WrittenRanges = 1 << 0,

    /// <summary>Rounds copy what log page D3h says, in granules of 4 KiB.</summary>
    DirtyRanges = 1 << 1,

    /// <summary>What the VM writes stays in the cache until it was copied.</summary>
    Retention = 1 << 2,

    /// <summary>What is copied next is read ahead, and the lines of the VM outlast others.</summary>
    Prefetch = 1 << 3,

    /// <summary>The source drive moves data and state to the destination drive by itself, and gives way to the VM.</summary>
    DirectTransfer = 1 << 4,
}
