using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// The snapshots of a drive: made, deleted and restored in one call each, so that no command sees half of it. A disk has
/// none.
/// </summary>
public sealed class SnapshotSet
{
    /// <summary>Bytes of metadata that a snapshot without marks takes at most.</summary>
    private const int MetadataOfSnapshot = 96;

    /// <summary>One part in so many of the metadata is for snapshots.</summary>
    private const int MetadataPart = 8;

    private readonly Drive _drive;
    private readonly ISnapshotStore? _store;
    private readonly List<Snapshot> _all = [];
    private int _next = 1;

    internal SnapshotSet(Drive drive, ISnapshotStore? store)
    {
        _drive = drive;
        _store = store;
        int most = store?.MostSnapshots ?? 0;
        Limit = drive.IsPersistent ? Math.Min(most, drive.MetadataBytes / MetadataPart / MetadataOfSnapshot) : most;
    }

    /// <summary>Snapshots that there can be; 0 where there are none.</summary>
    public int Limit { get; }

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<Snapshot> All => _all;

    public Snapshot? Find(ushort id) => _all.Find(snapshot => snapshot.Id == id);

    /// <summary>The snapshots of a namespace, in the order in which they were made.</summary>
    public IEnumerable<Snapshot> Of(Namespace ns) => _all.Where(snapshot => snapshot.Nsid == ns.Nsid);

    /// <summary>Bytes that are held for a snapshot and not for an earlier one.</summary>
    public ulong BytesHeld(Snapshot snapshot) => (ulong)_store!.PagesHeld(snapshot.Id) * FlashGeometry.PageBytes;

    /// <summary>Bytes that can be written before a write that needs room fails; for ever without snapshots.</summary>
    public ulong BytesLeft => _store is not { HasSnapshots: true }
        ? ulong.MaxValue
        : (ulong)_store.RoomLeft * FlashGeometry.PageBytes;

    /// <summary>Runs of blocks that are marked uncorrectable in snapshots.</summary>
    internal int Marks => _all.Sum(snapshot => snapshot.Marks.Length / 2);

    /// <summary>Makes a snapshot. What was written before belongs to it, in the cache or not.</summary>
    /// <returns>Success, Limit Reached, or Write Fault if it could not be noted.</returns>
    internal Status Create(SimTime now, Namespace ns, out Snapshot? snapshot)
    {
        snapshot = null;
        if (_all.Count >= Limit || !_drive.HasRoomForMarkedRuns(ns.UncorrectableRuns(int.MaxValue)))
            return Status.LimitReached;
        if (!_drive.Pages.Destage(now).IsSuccess)
            return Status.WriteFault;
        ushort id = NextId();
        if (!_store!.CreateSnapshot(now, id, ns.Nsid))
            return Status.LimitReached;
        _all.Add(snapshot = new Snapshot(id, ns.Nsid, ns.BlockCount, ns.Format)
        {
            Created = _drive.Clock.At(now).Milliseconds,
            Marks = ns.CopyMarks(),
        });
        Changed();
        return Status.Success;
    }

    /// <returns>False if it could not be noted, and the snapshot is still there.</returns>
    internal bool Delete(SimTime now, Snapshot snapshot)
    {
        if (!_store!.DeleteSnapshot(now, snapshot.Id))
            return false;
        _all.Remove(snapshot);
        Changed();
        return true;
    }

    /// <summary>Deletes every snapshot of a namespace whose data goes for good.</summary>
    /// <returns>False if that could not be noted.</returns>
    internal bool DeleteAll(SimTime now, Namespace ns) => Of(ns).ToArray().All(snapshot => Delete(now, snapshot));

    /// <summary>Makes a namespace what it was. Other snapshots stay as they are.</summary>
    /// <returns>
    /// Storage State Incompatible if the namespace has another format now, Capacity Exceeded if there is no room, and then
    /// nothing changed; Unrecovered Read Error if some of it could not be read, which is deallocated now.
    /// </returns>
    internal Status Restore(SimTime now, Namespace ns, Snapshot snapshot, out SimTime done)
    {
        done = now;
        if (ns.Format != snapshot.Format || ns.BlockCount != snapshot.BlockCount)
            return Status.StorageStateIncompatible;
        MediumResult destaged = _drive.Pages.Destage(now);
        if (!destaged.IsSuccess)
            return Status.WriteFault;
        using TwoLevelBitmap changed = ns.ChangesSince(snapshot);
        if (!ns.HasRoomToRestore(snapshot, changed))
            return Status.CapacityExceeded;

        snapshot.IsRestoring = true;
        if (!_drive.KeepMetadata(now).IsSuccess)
        {
            snapshot.IsRestoring = false;
            return Status.WriteFault;
        }

        MediumResult restored = ns.RestoreFrom(now, snapshot, changed);
        done = restored.Done;
        if (restored.Status != MediumStatus.WriteFault)
            snapshot.IsRestoring = false;
        return restored.Status switch
        {
            MediumStatus.Success => Status.Success,
            MediumStatus.Uncorrectable => Status.UnrecoveredReadError,
            MediumStatus.NoRoom => Status.CapacityExceeded,
            _ => Status.WriteFault,
        };
    }

    internal void WriteTo(ref MetadataWriter writer)
    {
        if (_next == 1 && _all.Count == 0)
            return;
        writer.Number(MetadataTag.NextSnapshot, (ulong)_next);
        foreach (Snapshot snapshot in _all)
            snapshot.WriteTo(ref writer);
    }

    internal void ReadNext(int next) => _next = next;

    internal void ReadSnapshot(MetadataReader reader) => _all.Add(Snapshot.ReadFrom(reader));

    /// <summary>
    /// All namespaces are there. A snapshot that the store or the metadata alone has was being made or deleted when the
    /// power went; a restore that was under way is done again.
    /// </summary>
    internal void TakeOver()
    {
        if (_store == null)
            return;
        var held = _store.Snapshots.ToHashSet();
        _all.RemoveAll(snapshot => !held.Contains(snapshot.Id) || _drive.Namespaces.Find(snapshot.Nsid) == null);
        foreach (ushort id in held.Where(id => Find(id) == null))
            _store.DeleteSnapshot(SimTime.Zero, id);
        Changed();
        foreach (Snapshot snapshot in _all.Where(snapshot => snapshot.IsRestoring))
            Restore(SimTime.Zero, _drive.Namespaces.Find(snapshot.Nsid)!, snapshot, out _);
    }

    private void Changed()
    {
        _drive.MetadataChanged();
        foreach (Namespace ns in _drive.Namespaces.All)
            ns.LimitsRoom = _all.Count > 0;
    }

    private ushort NextId()
    {
        ushort id;
        do
        {
            id = (ushort)_next;
            _next = _next == ushort.MaxValue ? 1 : _next + 1;
        }
        while (Find(id) != null);
        return id;
    }
}
