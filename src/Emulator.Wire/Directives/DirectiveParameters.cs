using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Return Parameters of the Identify directive (Base 2.1, 8.1.8.2.1.1). Bit n of each vector is about directive type n.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IdentifyDirectiveParameters.Size)]
public struct IdentifyDirectiveParameters
{
    public const int Size = 4096;

    /// <summary>Directives supported.</summary>
    [FieldOffset(0)] public U32Le Dirs;
    [FieldOffset(4)] public Bytes28 Reserved4;

    /// <summary>Directives enabled.</summary>
    [FieldOffset(32)] public U32Le Dire;
    [FieldOffset(36)] public Bytes28 Reserved36;

    /// <summary>Directives that stay as they are across controller level resets.</summary>
    [FieldOffset(64)] public U32Le Dirclr;
    [FieldOffset(68)] public Bytes28 Reserved68;
    [FieldOffset(96)] public Bytes4000 Reserved96;
}

/// <summary>Return Parameters of the Streams directive (Base 2.1, 8.1.8.3.1.1).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StreamsParameters.Size)]
public struct StreamsParameters
{
    public const int Size = 32;

    /// <summary>Max streams limit of the NVM subsystem.</summary>
    [FieldOffset(0)] public U16Le Msl;

    /// <summary>NVM subsystem streams available: not allocated for exclusive use.</summary>
    [FieldOffset(2)] public U16Le Nssa;

    /// <summary>NVM subsystem streams open, of those that are not allocated for exclusive use.</summary>
    [FieldOffset(4)] public U16Le Nsso;

    /// <summary>NVM subsystem stream capability: bit 0 SSID, bit 1 SRNZID.</summary>
    [FieldOffset(6)] public byte Nssc;
    [FieldOffset(7)] public Bytes9 Reserved7;

    /// <summary>Stream write size in logical blocks.</summary>
    [FieldOffset(16)] public U32Le Sws;

    /// <summary>Stream granularity size in units of <see cref="Sws"/>.</summary>
    [FieldOffset(20)] public U16Le Sgs;

    /// <summary>Namespace streams allocated for the exclusive use of the host.</summary>
    [FieldOffset(22)] public U16Le Nsa;

    /// <summary>Streams that the host has open in the namespace.</summary>
    [FieldOffset(24)] public U16Le Nso;
    [FieldOffset(26)] public Bytes6 Reserved26;
}
