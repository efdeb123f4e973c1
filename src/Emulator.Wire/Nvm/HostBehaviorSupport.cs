using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Data of the Host Behavior Support feature (Base 2.1, 5.1.25.1.14, FID 16h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = HostBehaviorSupport.Size)]
public struct HostBehaviorSupport
{
    public const int Size = 512;

    /// <summary>Advanced command retry enable.</summary>
    [FieldOffset(0)] public byte Acre;

    /// <summary>Extended telemetry data area 4 supported.</summary>
    [FieldOffset(1)] public byte Etdas;

    /// <summary>LBA format extension enable.</summary>
    [FieldOffset(2)] public byte Lbafee;

    /// <summary>Host dispersed namespace support.</summary>
    [FieldOffset(3)] public byte Hdisns;

    /// <summary>Copy descriptor formats enable, bits 2 to 4.</summary>
    [FieldOffset(4)] public U16Le Cdfe;
    [FieldOffset(6)] public Bytes506 Reserved6;
}
