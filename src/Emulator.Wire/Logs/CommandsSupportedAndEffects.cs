using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Commands Supported and Effects log page (Base 2.1, 5.1.12.1.6, LID 05h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CommandsSupportedAndEffects.Size)]
public struct CommandsSupportedAndEffects
{
    public const int Size = 4096;

    /// <summary>One dword per admin opcode, see <see cref="CommandEffects"/>.</summary>
    [FieldOffset(0)] public U32Table Acs;

    /// <summary>One dword per I/O opcode.</summary>
    [FieldOffset(1024)] public U32Table Iocs;
    [FieldOffset(2048)] public Bytes2048 Reserved2048;
}

/// <summary>Commands Supported and Effects data structure (Base 2.1, 5.1.12.1.6).</summary>
[Flags]
public enum CommandEffects : uint
{
    None = 0,
    Supported = 1u << 0,

    /// <summary>LBCC: may change the contents of logical blocks.</summary>
    LogicalBlockContentChange = 1u << 1,

    /// <summary>NCC: may change namespace capabilities, formats among them.</summary>
    NamespaceCapabilityChange = 1u << 2,

    /// <summary>NIC: may change which namespaces there are.</summary>
    NamespaceInventoryChange = 1u << 3,

    /// <summary>CCC: may change controller capabilities.</summary>
    ControllerCapabilityChange = 1u << 4,

    /// <summary>CSER 01b: should not run beside other commands.</summary>
    SubmissionExclusive = 1u << 14,

    /// <summary>CSE 001b: no other command to the same namespace at the same time.</summary>
    NamespaceExclusive = 1u << 16,

    /// <summary>CSE 010b: no other command to any namespace at the same time.</summary>
    SubsystemExclusive = 2u << 16,
    UuidSelection = 1u << 19,
    NamespaceScope = 1u << 20,
    ControllerScope = 1u << 21,
    NvmSetScope = 1u << 22,
    EnduranceGroupScope = 1u << 23,
    DomainScope = 1u << 24,
    NvmSubsystemScope = 1u << 25,
}
