using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Profiles;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>What a drive is built from; nothing of it changes afterwards. The defaults make the default drive.</summary>
public sealed record DriveOptions
{
    public const string DefaultSubsystemNqn = "nqn.2026-11.io.emulator:drive0";

    /// <summary>Subsystem NQN. Namespace identifiers derive from it, so that two drives of one subsystem agree.</summary>
    public string SubsystemNqn { get; init; } = DefaultSubsystemNqn;

    /// <summary>SN, up to 20 ASCII characters.</summary>
    public string SerialNumber { get; init; } = "EMU0000001";

    /// <summary>MN, up to 40 ASCII characters.</summary>
    public string ModelNumber { get; init; } = "Emulator NVMe Drive";

    /// <summary>Capacity for namespaces in bytes (TNVMCAP), a multiple of <see cref="NamespaceMap.SegmentBytes"/>.</summary>
    public long CapacityBytes { get; init; } = 1L << 30;

    /// <summary>Spare capacity of the medium in percent of the capacity.</summary>
    public int OverProvisioningPercent { get; init; } = 28;

    /// <summary>What kind of device it is; null for flash without properties of its own.</summary>
    public DeviceProfile? Profile { get; init; }

    /// <summary>Whether the medium takes the time that <see cref="Profile"/> says.</summary>
    public DriveTiming Timing { get; init; }

    /// <summary>
    /// Whether a real transport takes commands and data to and fro. The link and the handling of a lone command that
    /// <see cref="Profile"/> has take no time then, since the transport takes its own; bandwidth and pace are limited as ever.
    /// </summary>
    public bool HasTransport { get; init; }

    /// <summary>Whether cells err and blocks go bad as <see cref="Profile"/> says.</summary>
    public bool HasMediaErrors { get; init; }

    /// <summary>Seed of what goes wrong in the medium by chance.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The shape of the medium; null to derive one from the profile and the capacity.</summary>
    public FlashGeometry? Geometry { get; init; }

    /// <summary>How the translation layer works.</summary>
    public FtlOptions Ftl { get; init; } = new();

    /// <summary>The DRAM that buffers writes and keeps what is read.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Bytes of the cache, for layers above that know nothing of what it is made of.</summary>
    public long CacheBytes => Cache.SizeBytes;

    /// <summary>Namespaces that exist from the start, numbered from 1.</summary>
    public IReadOnlyList<NamespaceOptions> Namespaces { get; init; } = [new NamespaceOptions()];

    /// <summary>What is done to the pages of namespaces that hosts create, for as long as each of them lasts.</summary>
    public PageTransforms CreatedTransforms { get; init; }

    /// <summary>Most namespaces that can exist (NN and MNAN).</summary>
    public int MaxNamespaces { get; init; } = 16;

    /// <summary>CNTLIDs that are given out, both inclusive. Drives that share a subsystem have disjoint ranges.</summary>
    public ushort FirstControllerId { get; init; } = 1;

    public ushort LastControllerId { get; init; } = 0xFF;

    /// <summary>Host NQNs that may connect; empty for every host.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Host NQNs that may name other controllers in migration commands; empty: every host manages itself.</summary>
    public IReadOnlyList<string> Managers { get; init; } = [];

    /// <summary>
    /// The drive waits for VMs: the path of a host that is no manager and was never seen is inaccessible (Base 2.1, 8.1.1)
    /// until a migration of its VM to here completes, or CLEAR_WRITTEN says that the VM begins its life here.
    /// </summary>
    public bool IsStandby { get; init; }

    /// <summary>
    /// The drive takes the memory of its medium and of its cache from the system when it is made, rather than bit by bit when hosts
    /// write first.
    /// </summary>
    public bool IsPreallocated { get; init; }

    /// <summary>I/O queues of a controller.</summary>
    public int MaxIoQueues { get; init; } = 16;

    /// <summary>Entries of a queue, 1-based (CAP.MQES).</summary>
    public int MaxQueueEntries { get; init; } = 256;

    /// <summary>Longest transfer of a command in bytes (MDTS): 4096 times a power of two.</summary>
    public int MaxTransferBytes { get; init; } = 512 * 1024;

    /// <summary>In-capsule data of an I/O queue in bytes, a multiple of 16 (IOCCSZ).</summary>
    public int InCapsuleDataBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes that one bit of dirty tracking stands for; at least one logical block, a power of two.</summary>
    public int TrackingGranuleBytes { get; init; } = 4096;

    /// <summary>
    /// Most ranges in a list of written or dirty ranges. A controller keeps two such lists of 32 bytes a range at most;
    /// the default is what 1 GiB of alternating granules takes.
    /// </summary>
    public int MaxReportedRanges { get; init; } = 128 * 1024;

    /// <summary>
    /// Makes what namespaces with transforms need; it stays the caller's, and outlives the drive. Null if there are none, nor
    /// were on the medium.
    /// </summary>
    public IPageCodecFactory? Codecs { get; init; }

    /// <summary>Makes connections to other drives for direct transfers; null where none can be made.</summary>
    public IPeerConnector? Peers { get; init; }

    /// <summary>Where schemes log what only the destination has; it outlives the drive. Null for memory of the drive's own.</summary>
    public IUpdateLogs? UpdateLogs { get; init; }

    /// <summary>What to call the medium in a message, such as the path of its file.</summary>
    public string MediumName { get; init; } = "the medium";

    /// <summary>Identifies a medium that is made; those who care make one up.</summary>
    public Guid MediumId { get; init; }

    /// <summary>How long a write to the system area of a medium that persists takes.</summary>
    public SimDuration SystemWriteTime { get; init; }

    /// <summary>Steps that the translation layer leaves out, which tests are to notice.</summary>
    public FtlDefects Defects { get; init; }

    /// <summary>The header of a medium that is made for the drive.</summary>
    public MediumFormat ToMediumFormat()
    {
        (int metadataBytes, long journalBytes) = SystemLayout.DefaultSizes(CapacityBytes);
        return new MediumFormat
        {
            Id = MediumId,
            Geometry = EffectiveGeometry(),
            LogicalPages = CapacityBytes / FlashGeometry.PageBytes,
            MetadataBytes = metadataBytes,
            JournalBytes = journalBytes,
            SnapshotChunks = Ftl.MostSnapshots == 0 ? 0 : SystemLayout.DefaultSnapshotChunks(CapacityBytes),
            SubsystemNqn = SubsystemNqn,
            SerialNumber = SerialNumber,
            OverProvisioningPercent = OverProvisioningPercent,
        };
    }

    internal PersistenceOptions ToPersistenceOptions() =>
        new() { Name = MediumName, WriteTime = SystemWriteTime, Defects = Defects };

    /// <summary>What goes wrong and when, in the order of time.</summary>
    public IReadOnlyList<ScheduledFault> Faults { get; init; } = [];

    /// <summary>The geometry as given or derived, with the parity that the namespaces need.</summary>
    public FlashGeometry EffectiveGeometry()
    {
        FlashGeometry geometry = Geometry
            ?? Profile?.Flash?.GeometryFor(
                CapacityBytes, OverProvisioningPercent, FlashTranslationLayer.LeastSpareSuperblocks)
            ?? (Profile is { Flash: null }
                ? FlashGeometry.ForCapacity(CapacityBytes, overProvisioningPercent: 0, spareSuperblocks: 0)
                : FlashGeometry.ForCapacity(
                    CapacityBytes, OverProvisioningPercent, FlashTranslationLayer.LeastSpareSuperblocks));
        int parity = Namespaces.Select(ns => ns.Transforms.ParityBytes).Append(CreatedTransforms.ParityBytes).Max();
        return parity == 0 ? geometry : geometry with { ParityBytes = parity };
    }
}

/// <summary>A namespace that exists from the start.</summary>
public sealed record NamespaceOptions
{
    /// <summary>Size in bytes; 0 for what the drive has left.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Bytes of a logical block: 512 or 4096.</summary>
    public int BlockBytes { get; init; } = 4096;

    /// <summary>What is done to its pages on the way to the medium.</summary>
    public PageTransforms Transforms { get; init; }

    /// <summary>Host NQNs it is attached to; empty for every host.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
