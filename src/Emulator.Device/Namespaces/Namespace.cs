using Emulator.Cache;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>
/// A namespace: logical blocks over pages of the translation layer, who it is attached to, who has reserved it, and
/// whom its changes are reported to.
/// </summary>
public sealed partial class Namespace : IDisposable
{
    private readonly PageCache _pages;
    private readonly IStoredPageStore _stored;
    private readonly NamespaceMap _map;
    private readonly ulong[] _controllers = new ulong[(ushort.MaxValue + 1) / 64];
    private readonly NamespaceIdentity _ownIdentity;
    private TwoLevelBitmap _uncorrectable;

    /// <param name="stored">The pages as the medium has them, beneath cache and transforms.</param>
    public Namespace(
        PageCache pages,
        IStoredPageStore stored,
        uint nsid,
        NamespaceIdentity identity,
        NamespaceMap map,
        ulong blockCount,
        LbaFormatIndex format)
    {
        _pages = pages;
        _stored = stored;
        _snapshots = stored as ISnapshotStore;
        _map = map;
        Nsid = nsid;
        _ownIdentity = Identity = identity;
        BlockCount = blockCount;
        Format = format;
        _uncorrectable = new TwoLevelBitmap((long)blockCount);
    }

    public uint Nsid { get; }

    /// <summary>
    /// What hosts know it by: its own, or what it had on the drive that its VM comes from. Its key is derived from its own.
    /// </summary>
    public NamespaceIdentity Identity { get; internal set; }

    /// <summary>Where what a manager writes belongs while a VM moves here; null for nowhere in particular.</summary>
    internal StreamPlacement? Placement { get; set; }

    /// <summary>NSZE and NCAP: there is no thin provisioning, so that they are equal.</summary>
    public ulong BlockCount { get; private set; }

    public LbaFormatIndex Format { get; private set; }

    /// <summary>Base-two logarithm of the bytes of a logical block.</summary>
    public int BlockShift => LbaFormats.BlockShift(Format);

    public ulong Bytes => BlockCount << BlockShift;

    /// <summary>What the namespace takes from the capacity of the drive, in bytes.</summary>
    public ulong AllocatedBytes => (ulong)_map.SegmentCount * NamespaceMap.SegmentBytes;

    /// <summary>Reservation state (Base 2.1, 8.1.22).</summary>
    public Reservations Reservations { get; } = new();

    internal NamespaceMap Map => _map;

    /// <summary>Where the commands of hosts pass while a scheme moves the namespace; null without one.</summary>
    internal NamespaceFront? Front { get; set; }

    /// <summary>
    /// NMIC bit 0: whether it may be attached to several controllers at the same time. Namespaces that the configuration
    /// makes are.
    /// </summary>
    public bool IsShared { get; internal init; } = true;

    /// <summary>Values of features with namespace scope.</summary>
    internal FeatureStore Features { get; } = new();

    /// <summary>Whether any controller has it.</summary>
    public bool IsAttached => _controllers.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Identifiers of the controllers that it is attached to, in ascending order.</summary>
    public IEnumerable<ushort> AttachedControllers =>
        from id in Enumerable.Range(0, ushort.MaxValue + 1) where IsAttachedTo((ushort)id) select (ushort)id;

    public bool IsAttachedTo(ushort controller) => (_controllers[controller / 64] >> (controller % 64) & 1) != 0;

    internal void Attach(ushort controller) => _controllers[controller / 64] |= 1UL << (controller % 64);

    internal void Detach(ushort controller) => _controllers[controller / 64] &= ~(1UL << (controller % 64));

    /// <summary>
    /// Host NQNs that the configuration attaches the namespace to, empty for every host; null if it was made by a host.
    /// </summary>
    internal IReadOnlyList<string>? ConfiguredHosts { get; set; }

    /// <summary>Called when blocks were marked or marks were taken away, which the medium keeps.</summary>
    internal Action? MarksChanged { get; init; }

    /// <summary>Whether a run of blocks lies within the namespace; written so that it cannot wrap.</summary>
    public bool Contains(ulong start, ulong count) => start < BlockCount && count <= BlockCount - start;

    /// <summary>What is done to its pages on the way to the medium; null for nothing.</summary>
    public NamespaceTransform? Transform { get; internal init; }

    /// <summary>What is done to the pages that it writes.</summary>
    public PageTransforms Transforms => Transform?.Settings ?? default;

    /// <summary>Names the key of those of its pages that are encrypted, now or once; 0 if none ever was.</summary>
    internal UInt128 KeyIdentifier { get; init; }

    public void Dispose()
    {
        _uncorrectable.Dispose();
        Transform?.Dispose();
    }
}
