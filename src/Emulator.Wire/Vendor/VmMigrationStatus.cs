using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>VM Migration Status, log page D0h of the vendor command set.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = VmMigrationStatus.Size)]
public struct VmMigrationStatus
{
    public const int Size = 64;

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
