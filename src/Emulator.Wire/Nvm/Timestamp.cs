using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Data of the Timestamp feature (Base 2.1, 5.1.25.1.7, FID 0Eh): milliseconds since 1970, UTC.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Timestamp.Size)]
public struct Timestamp
{
    public const int Size = 8;

    /// <summary>48 bits, little-endian.</summary>
    [FieldOffset(0)] public Bytes6 Tstmp;

    /// <summary>Bit 0 stopped counting at times, origin in bits 3:1: 0 zeroed by reset, 1 set by the host.</summary>
    [FieldOffset(6)] public byte Tstmps;
    [FieldOffset(7)] public byte Reserved7;

    public ulong Milliseconds
    {
        readonly get
        {
            ulong value = 0;
            for (int i = Bytes6.Size - 1; i >= 0; i--)
                value = (value << 8) | Tstmp[i];
            return value;
        }

        set
        {
            for (int i = 0; i < Bytes6.Size; i++)
                Tstmp[i] = (byte)(value >> (8 * i));
        }
    }
}
