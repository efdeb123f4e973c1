using Emulator.Core;
using Emulator.Device;
using Emulator.UnitTests.Device;
using Emulator.Wire;

namespace Emulator.SimulationTests;

/// <summary>Snapshots that are made, read, restored and deleted, and what is left of them after a loss of power.</summary>
internal sealed partial class CrashRun
{
    private const int MostSnapshots = 5;

    /// <summary>Contents that a snapshot may have in a block whose last command did not end well.</summary>
    private const long Uncertain = long.MinValue;

    /// <summary>Of its own, so that runs without snapshots stay what they are.</summary>
    private readonly SeededRandom _snapshotRandom;
    private readonly SortedDictionary<ushort, SnapshotReference> _snapshots = [];

    /// <summary>A snapshot that may be there or not, since the command about it did not end well; 0 for one that was made.</summary>
    private readonly HashSet<ushort> _doubtful = [];

    private sealed record SnapshotReference(uint Nsid, int BlockBytes, long[] Contents);

    private void ChangeSnapshots()
    {
        if (_scenario.Mode == LossMode.VirtualTime)
            _clock.Advance(_drive!, SimDuration.FromMilliseconds(20));
        switch (_snapshotRandom.Below(10))
        {
            case < 4 when _snapshots.Count < MostSnapshots:
                CreateSnapshot();
                break;
            case < 6 when _snapshots.Count > 0:
                DeleteSnapshot(AnySnapshot());
                break;
            case < 7 when _snapshots.Count > 0:
                RestoreSnapshot(AnySnapshot());
                break;
            case < 10 when _snapshots.Count > 0:
                ReadSnapshot(AnySnapshot(), 4);
                break;
        }
    }

    private ushort AnySnapshot() => _snapshots.Keys.ElementAt(_snapshotRandom.Below(_snapshots.Count));

    private void CreateSnapshot()
    {
        uint nsid = _disks.Keys.ElementAt(_snapshotRandom.Below(_disks.Count));
        ReferenceDisk disk = _disks[nsid];
        long[] contents = [.. Enumerable.Range(0, disk.Blocks).Select(
            block => disk.IsCertain(block) ? disk.Latest(block) : Uncertain)];
        _doubtful.Add(0);
        CommandOutcome outcome = _host.TrySnapshot(SnapshotAction.Create, nsid: nsid);
        Trace?.Invoke($"{_ordinal} at {_clock.Now}: snapshot {outcome.Dw0} of namespace {nsid}, {outcome.Status} at {outcome.Due}");
        if (!Ended(outcome))
            return;
        _doubtful.Remove(0);
        _snapshots.Add((ushort)outcome.Dw0, new SnapshotReference(nsid, disk.BlockBytes, contents));
    }

    private void DeleteSnapshot(ushort id)
    {
        _doubtful.Add(id);
        CommandOutcome outcome = _host.TrySnapshot(SnapshotAction.Delete, id, _snapshots[id].Nsid);
        Trace?.Invoke($"{_ordinal} at {_clock.Now}: snapshot {id} deleted, {outcome.Status} at {outcome.Due}");
        if (!Ended(outcome))
        {
            // What is left of it after a failure is only seen when the drive is built anew.
            _snapshots.Remove(id);
            return;
        }

        _doubtful.Remove(id);
        _snapshots.Remove(id);
    }

    private void RestoreSnapshot(ushort id)
    {
        SnapshotReference snapshot = _snapshots[id];
        ReferenceDisk disk = _disks[snapshot.Nsid];
        if (disk.BlockBytes != snapshot.BlockBytes || disk.Blocks != snapshot.Contents.Length
            || snapshot.Contents.Contains(Uncertain) || _damaged.Any(damaged => damaged.Nsid == snapshot.Nsid))
            return;
        for (int block = 0; block < disk.Blocks; block++)
            disk.Begin(block, snapshot.Contents[block], _ordinal);
        CommandOutcome outcome = _host.TrySnapshot(SnapshotAction.Restore, id, snapshot.Nsid);
        Trace?.Invoke($"{_ordinal} at {_clock.Now}: namespace {snapshot.Nsid} restored from {id}, {outcome.Status} at {outcome.Due}");
        bool didNothing = outcome.Status.Matches(Status.CapacityExceeded);
        bool ended = !didNothing && Ended(outcome);
        for (int block = 0; block < disk.Blocks; block++)
        {
            if (didNothing)
                disk.Withdraw(block, _ordinal);
            else if (ended)
                disk.Acknowledge(block, _ordinal, outcome.Due);
        }
    }

    /// <summary>The host waits for the end of an admin command.</summary>
    /// <returns>Whether it ended well; it may not if the medium fails.</returns>
    private bool Ended(CommandOutcome outcome)
    {
        bool mayFail = outcome.Status.Matches(Status.WriteFault) || outcome.Status.Matches(Status.LimitReached);
        if (!outcome.IsSuccess && !mayFail)
            throw Failure($"a command about a snapshot ended with {outcome.Status}");
        if (_scenario.Mode == LossMode.VirtualTime && outcome.Due > _clock.Now)
            _clock.Advance(_drive!, outcome.Due - _clock.Now);
        EndFlushes(_clock.Now);
        return outcome.IsSuccess;
    }

    /// <summary>The namespace is gone, and its snapshots with it.</summary>
    private void ForgetSnapshotsOf(uint nsid)
    {
        foreach (ushort id in _snapshots.Where(snapshot => snapshot.Value.Nsid == nsid).Select(snapshot => snapshot.Key).ToArray())
            _snapshots.Remove(id);
    }

    /// <summary>Which snapshots are there, and what a command that was interrupted did.</summary>
    private void ReconcileSnapshots(uint deleted)
    {
        var there = _host.ListSnapshots().Entries.ToDictionary(entry => entry.Id.Value, entry => entry.Nsid.Value);
        foreach ((ushort id, SnapshotReference snapshot) in _snapshots.ToArray())
        {
            if (there.ContainsKey(id))
                continue;
            if (!_doubtful.Contains(id) && snapshot.Nsid != deleted)
                throw Failure($"snapshot {id} of namespace {snapshot.Nsid} is gone");
            _snapshots.Remove(id);
        }

        foreach ((ushort id, uint nsid) in there)
        {
            if (_snapshots.ContainsKey(id))
                continue;
            if (!_doubtful.Contains(0) && !_doubtful.Contains(id))
                throw Failure($"snapshot {id} of namespace {nsid} is there and was not made");
            TestHost.AssertStatus(Status.Success, _host.TrySnapshot(SnapshotAction.Delete, id, nsid));
        }

        _doubtful.Clear();
    }

    private void VerifySnapshots()
    {
        foreach (ushort id in _snapshots.Keys)
            ReadSnapshot(id, int.MaxValue);
    }

    /// <summary>Reads pages of a snapshot, all or some that follow one another.</summary>
    private void ReadSnapshot(ushort id, int most)
    {
        SnapshotReference snapshot = _snapshots[id];
        int blocksOfPage = 4096 / snapshot.BlockBytes;
        int pages = (snapshot.Contents.Length + blocksOfPage - 1) / blocksOfPage;
        int first = most >= pages ? 0 : _snapshotRandom.Below(pages - most);
        for (int page = first; page < pages && page - first < most; page++)
        {
            byte[]? data = _host.ReadSnapshotPage(id, (uint)page, snapshot.Nsid);
            if (data == null && _damaged.Contains((snapshot.Nsid, page)))
                continue;
            int start = page * blocksOfPage;
            int end = Math.Min(snapshot.Contents.Length, start + blocksOfPage);
            bool isMarked = snapshot.Contents.AsSpan(start..end).Contains(BlockContents.Unreadable);
            bool mayBeMarked = isMarked || snapshot.Contents.AsSpan(start..end).Contains(Uncertain);
            if (data == null ? !mayBeMarked : isMarked)
                throw Failure($"page {page} of snapshot {id} is {(data == null ? "not " : "")}readable");
            for (int block = start; block < end && data != null; block++)
                CheckSnapshotBlock(id, snapshot, block, data, (block - start) * snapshot.BlockBytes);
        }
    }

    private void CheckSnapshotBlock(ushort id, SnapshotReference snapshot, int block, byte[] data, int offset)
    {
        long expected = snapshot.Contents[block];
        long found = data.Length == 0 ? BlockContents.Zero : BlockContents.Read(data.AsSpan(offset, snapshot.BlockBytes));
        if (expected != Uncertain && found != expected)
            throw Failure($"block {block} of snapshot {id} of namespace {snapshot.Nsid} is {found} instead of {expected}");
    }
}
