using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The features whose values of one dword a storage state has.</summary>
internal static class StateFeatures
{
    private const int PartShift = 8;

    /// <summary>
    /// In ascending order. What a host negotiates when it connects is in the section about the transport, and what is about
    /// migration is the drive's own.
    /// </summary>
    public static IEnumerable<KeyValuePair<FeatureId, FeatureTraits>> All => FeatureTable.All
        .Where(feature => feature.Value.Scope != FeatureScope.Vendor && feature.Value.IsChangeable && feature.Key is not (
            FeatureId.NumberOfQueues or FeatureId.KeepAliveTimer or FeatureId.Timestamp or FeatureId.HostBehaviorSupport
            or FeatureId.HostIdentifier))
        .OrderBy(feature => feature.Key);

    /// <summary>How many values there are of a feature.</summary>
    public static int PartsOf(FeatureId feature) => feature == FeatureId.TemperatureThreshold ? 2 : 1;

    /// <summary>The lower half of the key of the attribute.</summary>
    public static uint PartOf(FeatureId feature, byte part) => (uint)feature | ((uint)part << PartShift);

    public static (FeatureId Feature, byte Part) FromPart(uint part) => ((FeatureId)(byte)part, (byte)(part >> PartShift));

    /// <summary>A drive that loses nothing with the power has no feature that says whether it may.</summary>
    public static bool IsOffered(Drive drive, FeatureId feature) =>
        feature != FeatureId.VolatileWriteCache || drive.Options.Cache.HasVolatileWrites;
}
