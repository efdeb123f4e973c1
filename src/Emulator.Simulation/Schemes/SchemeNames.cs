using Emulator.Migration;

namespace Emulator.Simulation.Schemes;

/// <summary>Schemes and media by the names that US 9,195,401 has for them.</summary>
public static class SchemeNames
{
    public static IReadOnlyList<(string Name, SchemeKind Kind)> All { get; } =
    [
        ("DBT", SchemeKind.DirtyBlockTracking),
        ("mirroring", SchemeKind.Mirroring),
        ("LR", SchemeKind.LowRedundancy),
        ("SLR", SchemeKind.SourceLowRedundancy),
        ("AIO", SchemeKind.AsynchronousMirroring),
        ("assist", SchemeKind.Assist),
        ("Emulated_S", SchemeKind.ReferenceAtSource),
        ("Emulated_D", SchemeKind.ReferenceAtDestination),
    ];

    public static string Of(SchemeKind kind) => All.First(scheme => scheme.Kind == kind).Name;

    public static string Direction(bool isSourceSsd, bool isDestinationSsd) =>
        $"{(isSourceSsd ? "ssd" : "hdd")}-{(isDestinationSsd ? "ssd" : "hdd")}";
}
