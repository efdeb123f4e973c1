using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>VM Migration Status, log page D0h of the vendor command set.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = VmMigrationStatus.Size)]
public struct VmMigrationStatus
{
    public const int Size = 256;

    /// <summary>1.</summary>
    [FieldOffset(0)] public U16Le Version;
    [FieldOffset(2)] public U16Le Target;

    /// <summary>As dword 0 of Get Features D0h, see <see cref="VmMigrationFlags"/>.</summary>
    [FieldOffset(4)] public U32Le Flags;

    /// <summary>See <see cref="VmMigrationPhase"/>.</summary>
    [FieldOffset(8)] public U32Le Phase;

    /// <summary>In granules, 0 for none.</summary>
    [FieldOffset(12)] public U32Le Threshold;

    /// <summary>Unique granules written in the life of the VM.</summary>
    [FieldOffset(16)] public U64Le GranulesWritten;

    /// <summary>In this round.</summary>
    [FieldOffset(24)] public U64Le GranulesDirty;
    [FieldOffset(32)] public U64Le Round;
    [FieldOffset(40)] public U64Le GranulesPrefetched;

    /// <summary>Reads served from prefetched data.</summary>
    [FieldOffset(48)] public U64Le ReadsPrefetched;

    /// <summary>Bytes of cache that retention holds.</summary>
    [FieldOffset(56)] public U64Le BytesRetained;

    /// <summary>Most bytes of cache that retention holds although they are on the medium, for all VMs together.</summary>
    [FieldOffset(64)] public U64Le BytesRetainable;

    /// <summary>Bytes of cache with data of the VM.</summary>
    [FieldOffset(72)] public U64Le BytesCached;

    /// <summary>Of <see cref="BytesCached"/>, those that are in DRAM alone.</summary>
    [FieldOffset(80)] public U64Le BytesDirty;

    /// <summary>Pages of 4096 bytes that the VM and its managers read and found in the cache.</summary>
    [FieldOffset(88)] public U64Le PagesHit;

    /// <summary>Pages of 4096 bytes that the VM and its managers read and did not find in the cache.</summary>
    [FieldOffset(96)] public U64Le PagesMissed;

    /// <summary>Pages of 4096 bytes that were retained and that a manager read from the cache.</summary>
    [FieldOffset(104)] public U64Le RetainedPagesRead;

    /// <summary>Pages of 4096 bytes that retention gave up before a manager read them.</summary>
    [FieldOffset(112)] public U64Le RetainedPagesDropped;

    /// <summary>Bytes of the cache.</summary>
    [FieldOffset(120)] public U64Le CacheBytes;

    /// <summary>Pages of 4096 bytes that the last ERASE deallocated.</summary>
    [FieldOffset(128)] public U64Le PagesErased;

    /// <summary>Pages of what it deallocated that the map still had afterwards: 0, or it failed.</summary>
    [FieldOffset(136)] public U64Le PagesLeft;

    /// <summary>UUID of what the drive keeps its data on: another one, and what was written before is not there.</summary>
    [FieldOffset(144)] public Bytes16 Medium;

    /// <summary>1 if a host is connected to the controller that the target names, or that it shares.</summary>
    [FieldOffset(160)] public U16Le IsConnected;
    [FieldOffset(162)] public Bytes6 Reserved162;

    /// <summary>Commands of the VM that read or wrote, as <see cref="BytesWritten"/> since the drive knows it.</summary>
    [FieldOffset(168)] public U64Le IoCommands;

    /// <summary>By the VM.</summary>
    [FieldOffset(176)] public U64Le BytesWritten;

    /// <summary>Nanoseconds from the arrival to the end of all I/O commands of the VM together, without the transport.</summary>
    [FieldOffset(184)] public U64Le IoNanoseconds;

    /// <summary>Bytes a second that the VM may write, feature D3h; 0 for no limit. From here on since version 1.2.</summary>
    [FieldOffset(192)] public U64Le WriteLimit;

    /// <summary>Commands that are held now.</summary>
    [FieldOffset(200)] public U64Le CommandsHeld;

    /// <summary>Commands that were held since the migration began, those that are included.</summary>
    [FieldOffset(208)] public U64Le CommandsHeldInAll;

    /// <summary>Nanoseconds for which those were held that are answered, together.</summary>
    [FieldOffset(216)] public U64Le NanosecondsHeld;

    /// <summary>I/O commands of the VM that the fence turned away; 0 also in a drive that does not count them.</summary>
    [FieldOffset(224)] public U64Le CommandsFenced;
    [FieldOffset(232)] public Bytes24 Reserved232;
}

/// <summary>Phase of a VM's migration, log page D0h.</summary>
public enum VmMigrationPhase : uint
{
    Idle = 0,
    Brownout = 1,
    Blackout = 2,
    Receiving = 3,
    Ready = 4,
}
