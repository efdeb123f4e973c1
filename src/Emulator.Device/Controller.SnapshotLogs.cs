using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Log pages D5h, D6h and D7h of the vendor command set: checksums, snapshots, and what changed since one.</summary>
public sealed partial class Controller
{
    private RangeListPage? _latchedChanges;
    private ushort _deltaSnapshot;
    private byte[] _latchedSnapshots = [];
    private VmTarget? _snapshotsTarget;
    private (uint Nsid, byte Shift)? _checksumsOf;

    /// <param name="data">As long as the host asked for.</param>
    private CommandOutcome GetSnapshotLog(SimTime now, in LogPageRequest request, Span<byte> data) => request.LogPage switch
    {
        LogPageId.RangeChecksums => GetRangeChecksums(now, request, data),
        LogPageId.Snapshots => GetSnapshotList(now, request, data),
        _ => GetSnapshotDelta(now, request, data),
    };

    private CommandOutcome GetSnapshotList(SimTime now, in LogPageRequest request, Span<byte> data)
    {
        Status status = FindTarget(request.SpecificIdentifier, out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (request.Specific != 0)
            return Failed(now, Status.InvalidField);
        if (request.Offset == 0)
            LatchSnapshotList(now, target);
        else if (_snapshotsTarget != target)
            return Failed(now, Status.CommandSequenceError);
        return CopyLatched(now, request, _latchedSnapshots, data);
    }

    private void LatchSnapshotList(SimTime now, VmTarget target)
    {
        // What waits in the cache will take room too.
        _drive.Pages.Destage(now);
        SnapshotSet snapshots = _drive.Snapshots;
        Namespace[] namespaces = [.. _drive.NamespacesOf(target.Vm)];
        Snapshot[] listed = [.. snapshots.All.Where(snapshot => Array.Exists(namespaces, ns => ns.Nsid == snapshot.Nsid))];
        _latchedSnapshots = new byte[SnapshotListHeader.Size + (listed.Length * SnapshotListEntry.Size)];
        _snapshotsTarget = target;
        WireStruct.Write(_latchedSnapshots, new SnapshotListHeader
        {
            Version = 1,
            Target = target.Id,
            Limit = (uint)snapshots.Limit,
            Snapshots = (uint)snapshots.All.Count,
            Entries = (uint)listed.Length,
            BytesLeft = snapshots.BytesLeft,
            EntrySize = SnapshotListEntry.Size,
        });
        for (int i = 0; i < listed.Length; i++)
        {
            Namespace ns = Array.Find(namespaces, ns => ns.Nsid == listed[i].Nsid)!;
            Span<byte> bytes = _latchedSnapshots.AsSpan(SnapshotListHeader.Size + (i * SnapshotListEntry.Size));
            WireStruct.Write(bytes, Describe(ns, listed[i]));
        }
    }

    private SnapshotListEntry Describe(Namespace ns, Snapshot snapshot)
    {
        bool isOther = ns.Format != snapshot.Format || ns.BlockCount != snapshot.BlockCount;
        var entry = new SnapshotListEntry
        {
            Id = snapshot.Id,
            Flags = (ushort)((snapshot.IsInUse ? SnapshotFlags.InUse : 0) | (isOther ? SnapshotFlags.OtherFormat : 0)),
            Nsid = ns.Nsid,
            Created = snapshot.Created,
            Blocks = snapshot.BlockCount,
            BlockBytes = 1u << LbaFormats.BlockShift(snapshot.Format),
            BytesHeld = _drive.Snapshots.BytesHeld(snapshot),
        };
        ns.Identity.Nguid.CopyTo((Span<byte>)entry.Nguid);
        return entry;
    }

    /// <summary>LSI is a snapshot, which names the namespace.</summary>
    private CommandOutcome GetSnapshotDelta(SimTime now, in LogPageRequest request, Span<byte> data)
    {
        if (!_drive.Controllers.MayManage(Host, itself: true))
            return Failed(now, Status.OperationDenied);
        if (request.Specific != 0)
            return Failed(now, Status.InvalidField);
        if (_drive.Snapshots.Find(request.SpecificIdentifier) is not { } snapshot
            || !FindSnapshotNamespace(snapshot.Nsid, out Namespace ns).IsSuccess)
            return Failed(now, Status.SnapshotNotFound);

        if (request.Offset == 0)
        {
            if (!_drive.Pages.Destage(now).IsSuccess)
                return Failed(now, Status.WriteFault);
            LatchDelta(ns, snapshot);
        }
        else if (_latchedChanges == null || _deltaSnapshot != snapshot.Id)
        {
            return Failed(now, Status.CommandSequenceError);
        }

        return CopyLatched(now, request, _latchedChanges!.Bytes, data);
    }

    private void LatchDelta(Namespace ns, Snapshot snapshot)
    {
        const int granule = Flash.FlashGeometry.PageBytes;
        const int granuleShift = 12;
        _latchedChanges ??= new RangeListPage();
        _latchedChanges.Clear();
        _deltaSnapshot = snapshot.Id;
        bool isWhole = true;
        using TwoLevelBitmap changes = ns.ChangesSince(snapshot);
        for (long at = 0; isWhole && changes.TryNextRun(at, out long first, out long count);)
        {
            ulong alike = ns.GranulesAlike((ulong)first, (ulong)count, granuleShift, out bool readAsZero);
            BlockRange blocks = ns.BlocksOf((ulong)first, alike);
            uint flags = readAsZero ? RangeListEntry.ReadsAsZero : 0;
            isWhole = _latchedChanges.TryAdd(ns.Nsid, blocks.Start, blocks.Count, flags, _drive.Options.MaxReportedRanges);
            at = first + (long)alike;
        }

        _latchedChanges.WriteHeader(new RangeListHeader
        {
            Target = snapshot.Id,
            Flags = (uint)(isWhole ? RangeListFlags.None : RangeListFlags.Truncated),
            Generation = ++_deltaGeneration,
            Granule = granule,
        });
    }

    private ulong _deltaGeneration;

    /// <summary>
    /// LSP is the base-two logarithm of granules in a range. What a piece holds is computed when it is read: a range is of one
    /// moment, and what changes in it later is told by the dirty ranges.
    /// </summary>
    private CommandOutcome GetRangeChecksums(SimTime now, in LogPageRequest request, Span<byte> data)
    {
        Status status = FindTarget(request.SpecificIdentifier, out VmTarget target);
        if (!status.IsSuccess)
            return Failed(now, status);
        if (_drive.Namespaces.Find(request.Nsid) is not { } ns || !_drive.NamespacesOf(target.Vm).Contains(ns))
            return Failed(now, NamespaceProblem(request.Nsid));
        int shift = target.Vm.GranuleShift + request.Specific;
        if (shift > VendorCommandSet.LongestChecksumShift)
            return Failed(now, Status.InvalidField);
        if (request.Offset == 0)
            _checksumsOf = (ns.Nsid, request.Specific);
        else if (_checksumsOf != (ns.Nsid, request.Specific))
            return Failed(now, Status.CommandSequenceError);

        ulong ranges = (ns.Bytes + (1UL << shift) - 1) >> shift;
        ulong length = RangeListHeader.Size + (ranges * RangeChecksums.DigestBytes);
        if (request.Offset > length)
            return Failed(now, Status.InvalidField);
        var header = new RangeListHeader
        {
            Version = 1,
            Target = target.Id,
            Ranges = ranges,
            Blocks = ns.BlockCount,
            Granule = 1u << target.Vm.GranuleShift,
            EntrySize = RangeChecksums.DigestBytes,
        };
        return CommandOutcome.Success(FillWithChecksums(now, ns, shift, header, request.Offset, length, data));
    }

    /// <summary>The part of the page from an offset on; zeroes follow its end.</summary>
    private SimTime FillWithChecksums(
        SimTime now, Namespace ns, int shift, in RangeListHeader header, ulong offset, ulong length, Span<byte> data)
    {
        const int pageShift = 12;
        var page = new LogPageReader(data, offset);
        page.Append(header);
        ulong end = Math.Min(length, offset + (uint)data.Length);
        ulong first = offset <= page.Length ? 0 : (offset - page.Length) / RangeChecksums.DigestBytes;
        page.Skip(first * RangeChecksums.DigestBytes);
        Span<byte> digest = stackalloc byte[RangeChecksums.DigestBytes];
        SimTime done = now;
        for (ulong range = first; page.Length < end; range++)
        {
            SimTime read = _drive.Checksums.Compute(
                now, ns, range << (shift - pageShift), 1UL << (shift - pageShift), digest);
            done = SimTime.Max(done, read);
            page.Append(digest);
        }

        return done;
    }

    private CommandOutcome CopyLatched(SimTime now, in LogPageRequest request, ReadOnlySpan<byte> latched, Span<byte> data)
    {
        if (request.Offset > (uint)latched.Length)
            return Failed(now, Status.InvalidField);
        latched = latched[(int)request.Offset..];
        latched = latched[..Math.Min(latched.Length, data.Length)];
        latched.CopyTo(data);
        data[latched.Length..].Clear();
        return CommandOutcome.Success(now);
    }

    private void ForgetSnapshotPages()
    {
        _latchedChanges = null;
        _snapshotsTarget = null;
        _checksumsOf = null;
    }
}
