using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Feature Identifiers Supported and Effects log page (Base 2.1, 5.1.12.1.18, LID 12h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = FeatureIdEffects.Size)]
public struct FeatureIdEffects
{
    public const int Size = 1024;

    /// <summary>One dword per feature identifier, see <see cref="FeatureEffects"/>.</summary>
    [FieldOffset(0)] public U32Table Fids;
}

/// <summary>FID Supported and Effects data structure (Base 2.1, 5.1.12.1.18); exactly one scope is set.</summary>
[Flags]
public enum FeatureEffects : uint
{
    None = 0,
    Supported = 1u << 0,
    UserDataContentChange = 1u << 1,
    NamespaceCapabilityChange = 1u << 2,
    NamespaceInventoryChange = 1u << 3,
    ControllerCapabilityChange = 1u << 4,
    UuidSelection = 1u << 19,
    NamespaceScope = 1u << 20,
    ControllerScope = 1u << 21,
    NvmSetScope = 1u << 22,
    EnduranceGroupScope = 1u << 23,
    DomainScope = 1u << 24,
    NvmSubsystemScope = 1u << 25,
    ControllerDataQueueScope = 1u << 26,
}
