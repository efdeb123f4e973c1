using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Ftl.Snapshots;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>
/// What the translation layer does so that a later one finds everything again: checksums and sequences in spare areas,
/// a checkpoint in the making, a journal, and no erase before what replaced the erased pages is durable.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer : ICheckpointSource
{
    private readonly DurableState? _durable;
    private FtlDefects _defects;

    ulong ICheckpointSource.Sequence => _sequence;

    ulong ICheckpointSource.Emptied => _heldEver;

    int ICheckpointSource.SuperblockCount => _superblocks.Count;

    ref readonly FtlCounters ICheckpointSource.Counters => ref _counters;

    /// <summary>Moves in the background are programs that nobody waited for.</summary>
    MediumResult ICheckpointSource.Commit(SimTime now)
    {
        MediumResult committed = Commit(now);
        return new MediumResult(SimTime.Max(committed.Done, _movesDone), committed.Status);
    }

    ReadOnlySpan<uint> ICheckpointSource.Map(long first, int most) =>
        new(_entries + first, (int)Math.Min(most, LogicalPageCount - first));

    SnapshotTable ICheckpointSource.Snapshots => _snapshots;

    SuperblockRecord ICheckpointSource.Describe(int superblock)
    {
        int programmed = _flash.ProgrammedPages(superblock);
        bool isOpen = _superblocks.StateOf(superblock) == SuperblockState.Open;
        return new SuperblockRecord
        {
            EraseCount = (uint)_flash.EraseCount(superblock),
            ProgrammedPages = (uint)programmed,
            FirstSequence = programmed == 0 ? 0 : Recovery.FirstSequence(_flash, superblock),
            LastSequence = programmed == 0 || isOpen ? 0 : _superblocks.ClosedAt(superblock),
            Flags = _superblocks.StateOf(superblock) == SuperblockState.Retired ? SuperblockFlags.Retired : SuperblockFlags.None,
        };
    }

    /// <summary>What recovery found when the layer was built; null for a medium that does not persist.</summary>
    public RecoveryReport? RecoveryReport { get; private set; }

    /// <summary>The device's metadata that recovery found; empty when there is none.</summary>
    public ReadOnlySpan<byte> FoundMetadata => _durable == null ? default : _durable.Metadata;

    /// <summary>Times that the medium was synchronised without a host asking for it.</summary>
    public long ForcedSyncs => _durable?.ForcedSyncs ?? 0;

    /// <summary>Writes to the system area that did not read back as they were written.</summary>
    public long FailedSystemWrites => _durable?.Area.FailedWrites ?? 0;

    /// <summary>The most metadata that is kept, in bytes.</summary>
    public int MetadataBytes => _durable?.Format.MetadataBytes ?? 0;

    /// <summary>Whether anything is kept.</summary>
    public bool IsPersistent => _durable != null;

    /// <summary>The device's metadata is kept from now on.</summary>
    public void KeepMetadata(IDeviceMetadata device)
    {
        if (_durable != null)
            _durable.Device = device;
    }

    /// <summary>The device's metadata has changed; the next flush writes it.</summary>
    public void MetadataChanged() => _metadataChanged = true;

    private bool _metadataChanged;

    /// <summary>
    /// The last call before the power goes off on purpose: everything is made durable with a checkpoint that makes the
    /// next mount instant.
    /// </summary>
    public MediumResult Shutdown(SimTime now)
    {
        while (_durable is { IsSyncing: true })
            EndSync(now);
        MediumResult result = Flush(now);
        if (_durable == null || !result.IsSuccess)
            return result;
        for (int i = 0; i < _frontiers.Length; i++)
        {
            if (_frontiers[i].IsOpen)
                CloseFrontier(i);
        }

        ulong generation = _durable.Checkpoint.Generation + SystemLayout.Turns;
        return _durable.WriteWhole(result.Done, generation, CheckpointFlags.Final)
            ? result
            : new MediumResult(result.Done, MediumStatus.WriteFault);
    }

    /// <summary>
    /// The power goes without warning: what of the flash and of the system area is not written to the end is torn. Nothing
    /// may be called afterwards.
    /// </summary>
    public void PowerCut(SimTime at)
    {
        _flash.PowerCut(at);
        _durable?.Area.PowerCut(at);
    }

    /// <summary>The next write of a kind to the system area goes wrong.</summary>
    public void Inject(SystemAreaFault fault, SystemWrite at) => _durable?.Area.Inject(fault, at);

    private SpareArea NextSpare(
        LogicalPage page, StoredForm form, ReadOnlySpan<byte> data, ReadOnlySpan<byte> parity = default) => _durable == null
        ? new SpareArea(page.Value, ++_sequence, form)
        : SpareArea.Checked(page.Value, ++_sequence, form, _flash.ChecksumOf(data, parity, form));

    /// <summary>For a page that is copied: damage to it moves with it and shows when it is read.</summary>
    private SpareArea NextSpare(LogicalPage page, in SpareArea copied, StoredForm form) => _durable == null
        ? new SpareArea(page.Value, ++_sequence, form)
        : SpareArea.Checked(page.Value, ++_sequence, form, copied.DataChecksum);

    private void RecordTrim(SimTime now, LogicalPage page)
    {
        if (!_durable!.Journal.ContinuesRun(page, _sequence))
            _sequence++;
        _durable.Trimmed(now, page, _sequence);
    }

    private MediumResult MakeDurable(SimTime now)
    {
        MediumResult result = _durable!.MakeDurable(now, _metadataChanged);
        if (result.IsSuccess)
        {
            _metadataChanged = false;
            ReleaseEmptied(result.Done, _durable.DurablyEmptied);
        }

        return result;
    }

    /// <summary>A superblock without valid pages waits until what replaced them is durable.</summary>
    private void HoldEmptied(int superblock)
    {
        _superblocks.HoldEmptied(superblock);
        _emptied.Enqueue(superblock);
        _heldEver++;
        if ((_defects & FtlDefects.ErasesAtOnce) != 0)
            ReleaseEmptied(SimTime.Zero, _heldEver);
    }
}
