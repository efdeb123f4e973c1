using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Supported Log Pages log page (Base 2.1, 5.1.12.1.1, LID 00h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SupportedLogPages.Size)]
public struct SupportedLogPages
{
    public const int Size = 1024;

    /// <summary>One dword per log page identifier, see <see cref="LogPageSupport"/>.</summary>
    [FieldOffset(0)] public U32Table Lids;
}

/// <summary>LID Supported and Effects; parameters specific to the log page are in bits 31:16.</summary>
[Flags]
public enum LogPageSupport : uint
{
    None = 0,
    Supported = 1u << 0,

    /// <summary>The page takes an index instead of an offset.</summary>
    IndexOffset = 1u << 1,

    /// <summary>Persistent Event: establishing a context and reading 512 bytes in one command.</summary>
    EstablishContextAndReadHeader = 1u << 16,
}
