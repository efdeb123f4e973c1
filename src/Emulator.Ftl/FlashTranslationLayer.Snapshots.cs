using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl;

/// <summary>
/// Snapshots, copy-on-write by keeping physical pages: when the first change of a page since the latest snapshot of its
/// volume takes its entry out of the map, the entry goes to the snapshot and the physical page stays valid. Collection
/// moves such pages as others. Without snapshots a write pays one branch.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <summary>Superblocks beyond those that are open and those that collection needs, which snapshots leave alone.</summary>
    private const int SuperblocksBesideSnapshots = 2;

    /// <summary>One superblock of so many is left alone too: with less collection would hardly get anywhere.</summary>
    private const int PartBesideSnapshots = 64;

    private readonly SnapshotTable _snapshots;
    private bool _hasSnapshots;

    /// <summary>Superblocks that snapshots leave alone.</summary>
    private int _leftAside;

    /// <summary>Pages that are valid; only known while there are snapshots.</summary>
    private long _pagesInUse;

    /// <inheritdoc/>
    public int MostSnapshots => _snapshots.Blocks.Limit == 0 ? 0 : _options.MostSnapshots;

    /// <inheritdoc/>
    public bool HasSnapshots => _hasSnapshots;

    /// <inheritdoc/>
    public IEnumerable<ushort> Snapshots => _snapshots.All.Select(snapshot => snapshot.Id);

    /// <summary>Physical pages that snapshots alone hold.</summary>
    public long PagesHeld() => _snapshots.PagesHeld;

    /// <inheritdoc/>
    public long PagesHeld(ushort id) => Snapshot(id).PagesHeld;

    /// <inheritdoc/>
    public void AssignVolume(uint volume, ReadOnlySpan<uint> segments) => _snapshots.Assign(volume, segments);

    /// <inheritdoc/>
    public bool CreateSnapshot(SimTime now, ushort id, uint volume)
    {
        Check.That(id != 0 && _snapshots.Find(id) == null && _snapshots.All.Count < MostSnapshots);
        SnapshotMap snapshot = _snapshots.Add(id, volume, ++_sequence);
        if (_durable != null && !_durable.WriteSnapshots(now, _snapshots, without: null))
        {
            _snapshots.Delete(snapshot, release: null);
            return false;
        }

        if (!_hasSnapshots)
            CountPagesInUse();
        _hasSnapshots = true;
        return true;
    }

    /// <inheritdoc/>
    public bool DeleteSnapshot(SimTime now, ushort id)
    {
        SnapshotMap deleted = Snapshot(id);
        if (_durable != null && !_durable.WriteSnapshots(now, _snapshots, without: deleted))
            return false;
        _snapshots.Delete(deleted, _release ??= Release);
        _durable?.Checkpoint.SnapshotDeleted();
        _hasSnapshots = _snapshots.All.Count > 0;
        _exhaustedAt = ulong.MaxValue;
        PlanRoom();
        return true;
    }

    private Action<uint>? _release;

    /// <inheritdoc/>
    public long RoomLeft => _hasSnapshots ? Math.Max(0, Math.Min(PagesLeft, RoomToTrim)) : long.MaxValue;

    /// <inheritdoc/>
    public long RoomToTrim => _hasSnapshots ? _snapshots.Blocks.Available : long.MaxValue;

    /// <inheritdoc/>
    public int RoomNeeded(LogicalPage first, int count, bool isTrim)
    {
        Check.That(first.Value / SnapshotBlocks.Entries == (first.Value + (uint)count - 1) / SnapshotBlocks.Entries);
        SnapshotMap? snapshot = _snapshots.NewestOf(first);
        int needed = 0;
        for (uint i = 0; i < (uint)count; i++)
        {
            LogicalPage page = first + i;
            uint entry = MapEntry(page);
            bool keeps = snapshot != null && snapshot[page.Value] == SnapshotBlocks.NotKept;
            if (isTrim ? keeps && entry != PhysicalPage.None.Value : keeps || entry >= PhysicalPage.Lost.Value)
                needed++;
        }

        // Trimming takes no page, and a block only if there is none.
        return !isTrim ? needed
            : needed == 0 || snapshot!.BlockOf(first.Value >> SnapshotBlocks.Shift) != SnapshotBlocks.None ? 0 : 1;
    }

    /// <inheritdoc/>
    public int FirstChange(ushort id, LogicalPage first, int count, bool changed)
    {
        SnapshotMap snapshot = Snapshot(id);
        if (!SnapshotTable.HasSegmentChanged(snapshot, first.Value >> SnapshotBlocks.Shift))
            return changed ? count : 0;
        for (uint i = 0; i < (uint)count; i++)
        {
            if (SnapshotTable.HasChanged(snapshot, first + i) == changed)
                return (int)i;
        }

        return count;
    }

    /// <inheritdoc/>
    public int FirstPage(ushort id, LogicalPage first, int count, bool mapped)
    {
        SnapshotMap snapshot = Snapshot(id);
        if (!SnapshotTable.HasSegmentChanged(snapshot, first.Value >> SnapshotBlocks.Shift))
            return FirstPage(first, count, mapped);
        for (uint i = 0; i < (uint)count; i++)
        {
            uint entry = SnapshotTable.Resolve(snapshot, first + i, MapEntry(first + i));
            if ((entry != PhysicalPage.None.Value) == mapped)
                return (int)i;
        }

        return count;
    }

    /// <inheritdoc/>
    public bool TryGetForm(ushort id, LogicalPage page, out StoredForm form)
    {
        uint physical = Locate(id, page);
        bool isMapped = physical < PhysicalPage.Lost.Value;
        form = isMapped ? _flash.ReadSpare(new PhysicalPage(physical)).Form : default;
        return isMapped;
    }

    /// <inheritdoc/>
    public MediumResult ReadStored(SimTime now, ushort id, LogicalPage page, Span<byte> stored, Span<byte> parity) =>
        ReadStored(now, new PhysicalPage(Locate(id, page)), stored, parity);

    /// <inheritdoc/>
    public MediumResult RestorePage(SimTime now, ushort id, LogicalPage page)
    {
        uint wanted = Locate(id, page);
        if (wanted == MapEntry(page))
            return MediumResult.Success(now);
        if (wanted >= PhysicalPage.Lost.Value)
        {
            SimTime trimmed = Trim(now, page);
            return new MediumResult(
                trimmed, wanted == PhysicalPage.Lost.Value ? MediumStatus.Uncorrectable : MediumStatus.Success);
        }

        StoredForm form = _flash.ReadSpare(new PhysicalPage(wanted)).Form;
        if (IsReadOnly || (_durable != null && !EraseEmptied(now)))
            return new MediumResult(now, MediumStatus.WriteFault);
        if (!TryAdmit(page, ref form))
            return new MediumResult(now, MediumStatus.NoRoom);
        WorkForWrite(now);
        return CopyFrom(now, id, page, form);
    }

    /// <summary>Copies what a snapshot has of a page to where the page is written next.</summary>
    private MediumResult CopyFrom(SimTime now, ushort id, LogicalPage page, StoredForm form)
    {
        while (true)
        {
            PhysicalPage target = NextPage(now, WriteStream.HostCold.Value);
            if (target == PhysicalPage.None)
                return new MediumResult(now, MediumStatus.WriteFault);

            // What made room for the page may have moved the one that it is copied from.
            var source = new PhysicalPage(Locate(id, page));
            SpareArea spare = NextSpare(page, _flash.ReadSpare(source), form);
            MediumResult result = _flash.CopyBack(now, source, target, spare);
            if (result.Status == MediumStatus.WriteFault)
            {
                if (!TryRescueProgram(result.Done, target))
                    return result;
                continue;
            }

            Remap(now, page, target);
            _counters.PagesRestored++;
            _durable?.Programmed(now, SimTime.Max(result.Done, _movesDone));
            return result;
        }
    }

    private SnapshotMap Snapshot(ushort id)
    {
        SnapshotMap? snapshot = _snapshots.Find(id);
        Check.That(snapshot != null);
        return snapshot;
    }

    private uint Locate(ushort id, LogicalPage page) => SnapshotTable.Resolve(Snapshot(id), page, MapEntry(page));

    /// <summary>Pages that can be added to those that are valid, so that collection still finds something to do.</summary>
    private long PagesLeft =>
        Math.Max(LogicalPageCount, (_usable - _leftAside) * (long)_pagesPerSuperblock) - _pagesInUse;

    /// <summary>Whether a page may be written, and whether its spare area says that it is after a snapshot.</summary>
    private bool TryAdmit(LogicalPage page, ref StoredForm form)
    {
        SnapshotMap? snapshot = _snapshots.NewestOf(page);
        bool keeps = snapshot != null && snapshot[page.Value] == SnapshotBlocks.NotKept;
        if ((keeps || MapEntry(page) >= PhysicalPage.Lost.Value) && PagesLeft <= 0)
            return false;
        if (keeps && !snapshot!.CanKeep(page.Value))
            return false;
        if (snapshot != null)
            form = form.MarkedAfterSnapshot();
        return true;
    }

    /// <summary>An entry was taken out of the map: the latest snapshot keeps it, or nobody needs it any more.</summary>
    private void Replaced(SimTime now, LogicalPage page, uint before)
    {
        SnapshotMap? snapshot = _snapshots.NewestOf(page);
        if (snapshot != null && snapshot[page.Value] == SnapshotBlocks.NotKept)
        {
            // Who asked saw that there is room.
            Check.That(snapshot.TrySet(page.Value, before));
            RecordKept(now, snapshot, page, before);
        }
        else if (before != PhysicalPage.None.Value)
        {
            Release(before);
        }
    }

    private void Release(uint physical)
    {
        Invalidate(physical);
        _pagesInUse -= physical < PhysicalPage.Lost.Value ? 1 : 0;
    }

    private void RecordKept(SimTime now, SnapshotMap snapshot, LogicalPage page, uint physical)
    {
        if (_durable == null)
            return;
        ulong sequence = physical < PhysicalPage.Lost.Value ? _flash.ReadSpare(new PhysicalPage(physical)).Sequence : 0;
        _durable.Kept(now, new KeptPage(snapshot.Id, page.Value, physical, sequence));
    }

    /// <summary>Whether a valid page is a snapshot's, not the map's.</summary>
    private bool IsKept(uint page, in SpareArea spare) =>
        (spare.LogicalPage & SpareArea.KeptCopy) != 0 || MapEntry(new LogicalPage(spare.LogicalPage)) != page;

    /// <summary>Moves a page that a snapshot holds.</summary>
    /// <returns>False when there is no place for it.</returns>
    private bool MoveKept(SimTime now, uint page, in SpareArea spare, int owner, MoveCause cause)
    {
        var logical = new LogicalPage(spare.LogicalPage & ~SpareArea.KeptCopy);
        SnapshotMap holder = _snapshots.HolderOf(logical, page);
        if (!TryCopy(now, page, owner, cause, logical.Value | SpareArea.KeptCopy, spare.Form, out PhysicalPage target))
            return false;
        Check.That(holder.TrySet(logical.Value, target.Value));
        RecordKept(now, holder, logical, target.Value);
        return true;
    }

    /// <summary>Marks what snapshots hold as valid, when everything is built anew.</summary>
    private void MarkKept()
    {
        foreach (SnapshotMap snapshot in _snapshots.All)
        {
            for (int segment = snapshot.NextSegment(0); segment < _snapshots.Segments; segment = snapshot.NextSegment(segment + 1))
            {
                foreach (uint entry in _snapshots.Blocks[snapshot.BlockOf((uint)segment)].Pages)
                {
                    if (entry < SnapshotBlocks.NotKept)
                        MarkValid(entry);
                }
            }
        }

        _hasSnapshots = _snapshots.All.Count > 0;
        CountPagesInUse();
    }

    /// <summary>What the spare area of a page says that is moved: whether it is after a snapshot, too.</summary>
    private StoredForm FormOfMoved(LogicalPage page, in SpareArea spare) =>
        spare.IsAfterSnapshot && _snapshots.NewestOf(page) is { } snapshot && spare.Sequence > snapshot.Sequence
            ? spare.Form.MarkedAfterSnapshot()
            : spare.Form;

    private void CountPagesInUse()
    {
        _pagesInUse = 0;
        for (int i = 0; i < _superblocks.Count; i++)
            _pagesInUse += _superblocks.ValidPages(i);
    }

    /// <summary>Blocks of entries: on a medium that persists as many as its checkpoints have room for.</summary>
    private int MostSnapshotBlocks(PersistenceOptions? persistence)
    {
        if (LogicalPageCount > SpareArea.KeptCopy || _flash.Geometry.PageCount > SnapshotBlocks.NotKept)
            return 0;
        if (_flash.Medium.Persists)
        {
            var header = new ReadOnlySpan<byte>(_flash.Medium.System, MediumFormat.Bytes);
            return MediumFormat.ReadFrom(header, (persistence ?? new PersistenceOptions()).Name).SnapshotChunks * Chunk.SnapshotBlocks;
        }

        long segments = (LogicalPageCount + SnapshotBlocks.Entries - 1) >> SnapshotBlocks.Shift;
        return (int)Math.Min(segments * _options.MostSnapshots, int.MaxValue);
    }
}
