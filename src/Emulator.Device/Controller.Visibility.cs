using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// What of the subsystem a host may know of and administer. A manager sees everything. Any other host sees its own
/// controllers and the namespaces attached to them; in a subsystem that lists no manager also those that nobody has.
/// </summary>
public sealed partial class Controller
{
    private bool IsListedManager => _drive.Options.Managers.Contains(Host.Nqn);

    /// <summary>
    /// Whether this host may create and delete namespaces, sanitize the drive and change its firmware. If not, the
    /// controller does not offer these commands. Where no manager is listed every host may, unless the configuration gives
    /// a namespace to others than it: their data is not this host's to erase.
    /// </summary>
    private bool MayAdminister =>
        IsListedManager || (_drive.Options.Managers.Count == 0 && _drive.Options.Namespaces.All(IsForThisHost));

    private bool IsForThisHost(NamespaceOptions ns) => ns.Hosts.Count == 0 || ns.Hosts.Contains(Host.Nqn);

    private IEnumerable<Namespace> VisibleNamespaces => _drive.Namespaces.All.Where(MaySee);

    /// <summary>In ascending order of CNTLID: all that ever were for a manager, those connected of other hosts.</summary>
    private IEnumerable<ControllerSlot> KnownControllers =>
        _drive.Controllers.Slots.Where(slot => IsListedManager || (slot.Current != null && IsOwn(slot)));

    private Namespace? FindVisible(uint nsid) => _drive.Namespaces.Find(nsid) is { } ns && MaySee(ns) ? ns : null;

    /// <summary>An active namespace; null if the NSID is not attached to this controller.</summary>
    private Namespace? FindActive(uint nsid) =>
        _drive.Namespaces.Find(nsid) is { } ns && ns.IsAttachedTo(Id) ? ns : null;

    private bool IsOwn(ControllerSlot slot) => slot.Host.Nqn == Host.Nqn;

    private bool MaySee(Namespace ns)
    {
        if (IsListedManager || ns.IsAttachedTo(Id))
            return true;
        if (_drive.Controllers.Slots.Any(slot => IsOwn(slot) && ns.IsAttachedTo(slot.Id)))
            return true;
        return MayAdminister && IsForAnyone(ns) && !ns.IsAttached;
    }

    private bool IsForAnyone(Namespace ns) =>
        ns.ConfiguredHosts is not { Count: > 0 } hosts || hosts.Contains(Host.Nqn);

    /// <summary>An NSID that can never be valid, or one that is inactive here (Base 2.1, 3.2.1.4).</summary>
    private Status NamespaceProblem(uint nsid) =>
        nsid == 0 || nsid > (uint)_drive.Namespaces.Limit
            ? Status.InvalidNamespaceOrFormat
            : Status.InvalidField;
}
