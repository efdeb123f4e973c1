using Emulator.Wire;

namespace Emulator.Device;

/// <summary>What a feature belongs to (Base 2.1, figure of the feature identifiers).</summary>
internal enum FeatureScope : byte
{
    Controller,
    Namespace,
    NvmSubsystem,

    /// <summary>A namespace and its reservation; whatever is wrong with the NSID is Invalid Field.</summary>
    Reservation,

    /// <summary>The vendor command set: about a VM, whatever the NSID.</summary>
    Vendor,
}

/// <param name="Scope">What the value belongs to.</param>
/// <param name="Fields">Bits of dword 11 that have a meaning; others set are Invalid Field.</param>
/// <param name="Default">The default value.</param>
/// <param name="IsChangeable">Whether Set Features can change it.</param>
/// <param name="IsSaveable">Whether a value can be saved.</param>
internal readonly record struct FeatureTraits(
    FeatureScope Scope, uint Fields = uint.MaxValue, uint Default = 0, bool IsChangeable = true, bool IsSaveable = false)
{
    /// <summary>What Get Features returns for Supported Capabilities (Base 2.1, 5.1.11.2).</summary>
    public uint Capabilities =>
        (IsSaveable ? 1u : 0) | (Scope is FeatureScope.Namespace or FeatureScope.Reservation ? 2u : 0) | (IsChangeable ? 4u : 0);

    /// <summary>The entry of the Feature Identifiers Supported and Effects log page.</summary>
    public FeatureEffects Effects => FeatureEffects.Supported | Scope switch
    {
        FeatureScope.Namespace or FeatureScope.Reservation => FeatureEffects.NamespaceScope,
        FeatureScope.NvmSubsystem => FeatureEffects.NvmSubsystemScope,
        FeatureScope.Vendor => FeatureEffects.ControllerScope | FeatureEffects.UuidSelection,
        _ => FeatureEffects.ControllerScope,
    };
}

/// <summary>The features that a controller has; what is not here is Invalid Field.</summary>
internal static class FeatureTable
{
    /// <summary>KATO of a transport that requires the timer (Base 2.1, 5.1.25.1.8), in milliseconds.</summary>
    public const uint DefaultKeepAliveTimeout = 120_000;

    private static readonly Dictionary<FeatureId, FeatureTraits> Features = new()
    {
        [FeatureId.Arbitration] = new(FeatureScope.Controller, Fields: 0xFFFF_FF07, Default: 7, IsSaveable: true),
        [FeatureId.PowerManagement] = new(FeatureScope.Controller, Fields: 0xE0),
        [FeatureId.TemperatureThreshold] = new(FeatureScope.Controller, Fields: 0x003F_FFFF, IsSaveable: true),
        [FeatureId.ErrorRecovery] = new(FeatureScope.Namespace, Fields: 0xFFFF, IsSaveable: true),
        [FeatureId.VolatileWriteCache] = new(FeatureScope.Controller, Fields: 1, Default: 1, IsSaveable: true),
        [FeatureId.NumberOfQueues] = new(FeatureScope.Controller),
        [FeatureId.InterruptCoalescing] = new(FeatureScope.Controller, Fields: 0xFFFF, IsChangeable: false),
        [FeatureId.InterruptVectorConfiguration] = new(FeatureScope.Controller, Fields: 0x1_FFFF, IsChangeable: false),
        [FeatureId.WriteAtomicityNormal] = new(FeatureScope.Controller, Fields: 1, IsSaveable: true),
        [FeatureId.AsynchronousEventConfiguration] = new(FeatureScope.Controller),
        [FeatureId.Timestamp] = new(FeatureScope.Controller),
        [FeatureId.KeepAliveTimer] = new(FeatureScope.Controller, Default: DefaultKeepAliveTimeout),
        [FeatureId.HostBehaviorSupport] = new(FeatureScope.Controller),
        [FeatureId.SanitizeConfig] = new(FeatureScope.NvmSubsystem, Fields: 1, IsSaveable: true),
        [FeatureId.SoftwareProgressMarker] = new(FeatureScope.Controller, Fields: 0xFF, IsSaveable: true),
        [FeatureId.HostIdentifier] = new(FeatureScope.Controller, Fields: 1),
        [FeatureId.ReservationNotificationMask] = new(FeatureScope.Reservation, Fields: 0xE),
        [FeatureId.ReservationPersistence] = new(FeatureScope.Reservation, Fields: 1),
        [FeatureId.VmMigration] = new(FeatureScope.Vendor, Fields: (uint)VmMigrationFlags.SetMask | 0xFFFF_0000),
        [FeatureId.VmStorageState] = new(FeatureScope.Vendor, Fields: (uint)VmStorageStateFlags.Mask | 0xFFFF_0000),
        [FeatureId.VmBinding] = new(FeatureScope.Vendor),
        [FeatureId.VmWriteLimit] = new(FeatureScope.Vendor, Fields: 0xFFFF_0000),
    };

    public static IEnumerable<KeyValuePair<FeatureId, FeatureTraits>> All => Features;

    public static bool TryFind(FeatureId feature, out FeatureTraits traits) => Features.TryGetValue(feature, out traits);
}
