using Emulator.Cache;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>The namespaces of a drive and the capacity that they share.</summary>
public sealed partial class NamespaceTable : IDisposable
{
    private readonly DriveOptions _options;
    private readonly PageCache _pages;
    private readonly IStoredPageStore _stored;
    private readonly TransformingStore? _transforms;
    private readonly Namespace?[] _byNsid;
    private readonly uint[] _incarnations;
    private readonly Stack<uint> _freeSegments;
    private readonly Action? _marksChanged;
    private readonly ISnapshotStore? _snapshots;

    /// <param name="stored">The pages as the medium has them.</param>
    /// <param name="transforms">The stage that namespaces with transforms are made known to; null without one.</param>
    /// <param name="marksChanged">Called when a namespace has other marks of uncorrectable blocks than before.</param>
    internal NamespaceTable(
        DriveOptions options,
        PageCache pages,
        IStoredPageStore stored,
        TransformingStore? transforms,
        Action? marksChanged)
    {
        _marksChanged = marksChanged;
        _options = options;
        _pages = pages;
        _stored = stored;
        _snapshots = stored as ISnapshotStore;
        _transforms = transforms;
        _byNsid = new Namespace?[options.MaxNamespaces + 1];
        _incarnations = new uint[options.MaxNamespaces + 1];
        int segments = (int)(options.CapacityBytes / NamespaceMap.SegmentBytes);
        _freeSegments = new Stack<uint>(Enumerable.Range(0, segments).Select(i => (uint)(segments - 1 - i)));
    }

    /// <summary>NN: the largest NSID there can be.</summary>
    public int Limit => _byNsid.Length - 1;

    /// <summary>TNVMCAP in bytes.</summary>
    public ulong TotalBytes => (ulong)_options.CapacityBytes;

    /// <summary>UNVMCAP in bytes.</summary>
    public ulong UnallocatedBytes => (ulong)_freeSegments.Count * NamespaceMap.SegmentBytes;

    /// <summary>Every namespace, in ascending order of NSID.</summary>
    public IEnumerable<Namespace> All => _byNsid.Where(ns => ns != null)!;

    public Namespace? Find(uint nsid) => nsid < (uint)_byNsid.Length ? _byNsid[nsid] : null;

    /// <summary>
    /// Makes a namespace with the lowest NSID that is free. The caller has seen that there is room:
    /// <see cref="UnallocatedBytes"/> and <see cref="LowestFreeNsid"/>.
    /// </summary>
    public Namespace Create(ulong blockCount, LbaFormatIndex format, bool shared, PageTransforms transforms = default)
    {
        uint nsid = LowestFreeNsid;
        Check.That(nsid != 0);
        long segments = NamespaceMap.SegmentsFor(blockCount << LbaFormats.BlockShift(format));
        var identity = new NamespaceIdentity(_options.SubsystemNqn, nsid, _incarnations[nsid]++);
        var map = NamespaceMap.Take(_freeSegments, segments);
        _snapshots?.AssignVolume(nsid, map.Segments);
        return _byNsid[nsid] = new Namespace(_pages, _stored, nsid, identity, map, blockCount, format)
        {
            IsShared = shared,
            LimitsRoom = _snapshots is { HasSnapshots: true },
            MarksChanged = _marksChanged,
            Transform = CreateTransform(transforms, identity, map),
            KeyIdentifier = transforms.IsEncrypted ? KeyIdentifierOf(identity) : 0,
        };
    }

    /// <summary>0 when every NSID is taken.</summary>
    public uint LowestFreeNsid => (uint)Math.Max(0, Array.IndexOf(_byNsid, null, 1));

    /// <summary>Deletes a namespace: its data is deallocated and its capacity free.</summary>
    public void Delete(SimTime now, Namespace ns)
    {
        ns.Deallocate(now, new BlockRange(0, ns.BlockCount), writer: null);
        ns.ReportDeletion();
        foreach (uint segment in ns.Map.Segments)
            _transforms?.Release(segment);
        _snapshots?.AssignVolume(0, ns.Map.Segments);
        ns.Map.GiveBack(_freeSegments);
        _byNsid[ns.Nsid] = null;
        ns.Dispose();
    }

    internal void CreateConfigured(NamespaceOptions wanted)
    {
        Check.That(LbaFormats.TryFromBlockBytes(wanted.BlockBytes, out LbaFormatIndex format));
        ulong bytes = wanted.SizeBytes == 0 ? UnallocatedBytes : (ulong)wanted.SizeBytes;
        Namespace ns = Create(bytes >> LbaFormats.BlockShift(format), format, shared: true, wanted.Transforms);
        ns.ConfiguredHosts = wanted.Hosts;
    }

    /// <summary>Attaches what the configuration gives to a host that is seen for the first time.</summary>
    internal void AttachConfigured(ControllerSlot slot)
    {
        slot.IsNew = false;
        foreach (Namespace ns in All)
        {
            if (ns.ConfiguredHosts is { } hosts && (hosts.Count == 0 || hosts.Contains(slot.Host.Nqn)))
                Attach(ns, slot);
        }
    }

    internal static void Attach(Namespace ns, ControllerSlot slot)
    {
        ns.Attach(slot.Id);
        ns.ReportChangesTo(slot.Vm);
        foreach (BoundVm bound in slot.Bound)
            ns.ReportChangesTo(bound.Vm);
    }

    /// <summary>Takes a namespace from a controller, and from the VM if it has no other that it is attached to.</summary>
    internal static void Detach(Namespace ns, ControllerSlot slot, IEnumerable<ControllerSlot> all)
    {
        ns.Detach(slot.Id);
        if (!all.Any(other => other.Vm == slot.Vm && ns.IsAttachedTo(other.Id)))
            ns.StopReportingTo(slot.Vm);
        foreach (BoundVm bound in slot.Bound)
            ns.StopReportingTo(bound.Vm);
    }

    /// <summary>Takes every namespace from a controller whose identifier is given to another host.</summary>
    internal void DetachAll(ControllerSlot slot, IReadOnlyCollection<ControllerSlot> others)
    {
        bool isForgotten = others.All(other => other.Vm != slot.Vm);
        foreach (Namespace ns in All)
        {
            Detach(ns, slot, others);
            if (isForgotten)
                ns.Forget(slot.Vm);
        }
    }

    public void Dispose()
    {
        foreach (Namespace ns in All)
            ns.Dispose();
    }
}
