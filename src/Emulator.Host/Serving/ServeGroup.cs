using Emulator.Device;

namespace Emulator.Host.Serving;

/// <summary>
/// Drives and listeners that one reactor thread owns. A drive belongs to one thread and so does a connection, so the
/// listeners of a group all serve all of its drives; groups run beside each other. A group without drives serves the
/// discovery subsystem alone, which every other group serves too.
/// </summary>
public sealed record ServeGroup(IReadOnlyList<DriveOptions> Drives, IReadOnlyList<PlannedListener> Listeners)
{
    /// <summary>Whether SPDK serves it; all of its listeners are of one door.</summary>
    public bool IsSpdks => Listeners.Any(listener => listener.IsSpdks);

    /// <summary>One group for each set of drives that some listener serves. The sets are disjoint.</summary>
    public static IReadOnlyList<ServeGroup> Partition(IEnumerable<PlannedListener> listeners) =>
    [
        .. listeners
            .GroupBy(listener => listener.Drives[0], ReferenceEqualityComparer.Instance)
            .Select(group => new ServeGroup(group.First().Drives, [.. group])),
    ];
}
